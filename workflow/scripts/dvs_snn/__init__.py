"""Event-camera recordings, the spiking CNN that reads them, and what its operations cost."""
