"""Figures of trained networks: training, frames, changes."""
