"""The event engine, which visits only the neurons that spikes reach."""
