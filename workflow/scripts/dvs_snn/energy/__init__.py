"""Energy: prices of operations and of idling, the same for spiking networks and CNNs."""
