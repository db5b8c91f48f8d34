"""The study's settings, checked before anything runs."""
