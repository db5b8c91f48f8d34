"""Result tables that sum up what all jobs measured."""
