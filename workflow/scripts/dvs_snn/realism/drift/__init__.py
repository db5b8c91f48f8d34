"""Drift: what networks read while a recording goes on, and what helps."""
