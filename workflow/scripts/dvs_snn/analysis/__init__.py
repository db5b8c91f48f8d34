"""From readings to tables: points, the choice, and what is derived from both."""
