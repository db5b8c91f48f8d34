"""Recordings as text, `.csv`: as :mod:`dvs_snn.recordings.formats.txt` reads them."""

from dvs_snn.recordings.formats.txt import read

__all__ = ["read"]
