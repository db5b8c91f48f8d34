"""Training the CNN."""
