"""Points: what networks read and cost, which of them validation chose, and their front."""
