"""Result tables and their provenance."""
