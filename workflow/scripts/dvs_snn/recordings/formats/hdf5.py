"""Recordings in HDF5, `.hdf5`: as :mod:`dvs_snn.recordings.formats.h5` reads them."""

from dvs_snn.recordings.formats.h5 import read

__all__ = ["read"]
