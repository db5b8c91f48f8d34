"""Runs networks on recordings, and keeps what they read and what that cost."""
