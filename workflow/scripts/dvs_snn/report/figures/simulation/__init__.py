"""Figures of the simulated sensor: how near it comes to real ones, and what hangs on it."""
