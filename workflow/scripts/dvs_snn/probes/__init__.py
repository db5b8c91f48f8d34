"""Networks with one thing changed at a time."""
