"""Event recordings: formats, placement, frames and time steps."""
