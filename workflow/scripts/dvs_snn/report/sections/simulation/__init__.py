"""Sections of the page about simulated recordings."""
