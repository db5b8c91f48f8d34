"""What networks are trained on, one module each, so that a training depends on its own alone."""
