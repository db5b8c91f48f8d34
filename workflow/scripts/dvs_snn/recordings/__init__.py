"""Recordings of an event camera: formats, placement, frames, time steps, stores, folders."""
