"""Engines that run spiking networks, and the comparison of them."""
