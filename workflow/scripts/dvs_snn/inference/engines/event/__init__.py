"""The engine that visits spikes instead of pixels."""
