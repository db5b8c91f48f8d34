"""The spiking network over recordings, by either engine."""
