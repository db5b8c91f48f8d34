"""Engines that run spiking networks; the registry names them."""
