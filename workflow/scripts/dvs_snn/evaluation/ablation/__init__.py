"""Runs networks with one thing changed at a time."""
