"""Figures of trained networks: training, accuracy, power."""
