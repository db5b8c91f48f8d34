"""Sections on what a reading costs: methods, energy, counters."""
