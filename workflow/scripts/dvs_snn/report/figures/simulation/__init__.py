"""Figures of the simulated sensor: beside real recordings, and with one part changed."""
