"""What a person at a terminal sees of a run, and what the run says at its end."""
