"""The section `simulation`: the simulated sensor, what it sees, and what is simulated."""
