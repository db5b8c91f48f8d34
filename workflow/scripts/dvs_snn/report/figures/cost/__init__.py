"""Figures on what operations cost."""
