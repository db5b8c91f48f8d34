"""Result tables and what they were made with."""
