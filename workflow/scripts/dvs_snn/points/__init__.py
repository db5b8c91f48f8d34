"""Points: networks as they read, what they cost, which of them validation chose, and their front."""
