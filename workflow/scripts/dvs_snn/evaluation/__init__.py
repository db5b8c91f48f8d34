"""Evaluates networks on recordings: accuracy, power, and the choice of a scale."""
