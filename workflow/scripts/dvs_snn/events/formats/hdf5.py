"""Recordings in HDF5, `.hdf5`: as :mod:`dvs_snn.events.formats.h5` reads them."""

from dvs_snn.events.formats.h5 import read

__all__ = ["read"]
