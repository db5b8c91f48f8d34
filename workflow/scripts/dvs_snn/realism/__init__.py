"""Compares simulated recordings with real ones; changes one part of the sensor at a time."""
