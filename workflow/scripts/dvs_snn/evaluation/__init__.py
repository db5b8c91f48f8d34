"""Accuracy, power and the operating point of networks."""
