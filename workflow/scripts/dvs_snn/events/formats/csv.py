"""Recordings as text, `.csv`: as :mod:`dvs_snn.events.formats.txt` reads them."""

from dvs_snn.events.formats.txt import read

__all__ = ["read"]
