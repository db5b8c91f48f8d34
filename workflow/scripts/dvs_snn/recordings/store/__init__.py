"""Recordings as networks see them, and how they are stored."""
