"""What a finished study hands on: its provenance, its manifest and its networks."""
