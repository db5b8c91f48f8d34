"""Simulated recordings beside real ones: how far they are alike, and what tells them apart."""
