"""What a finished study hands on: its provenance and its manifest."""
