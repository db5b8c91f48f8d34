"""How near simulated recordings come to real ones."""
