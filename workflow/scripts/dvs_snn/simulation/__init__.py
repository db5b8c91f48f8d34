"""Simulated recordings: the sensor, what it sees, and sets of them."""
