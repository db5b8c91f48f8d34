"""Event-camera recordings, the spiking CNN that reads them, and the cost of its operations."""
