"""Recordings in HDF5, `.h5`, through the package h5py. The layouts that it reads:

- `CD/events`, a table of `x`, `y`, `p`, `t` in us: Prophesee's and Metavision's;
- `events/t`, `events/x`, `events/y`, `events/p`, or `ts`, `xs`, `ys`, `ps`: DSEC's, with
  `ms_to_idx` and `t_offset`, has us;
- `t`, `x`, `y`, `p` without a group;
- `events`, a table of these, or a matrix whose columns they are, in this order: v2e's.

`p` may lack. Where the layout fixes no unit, an attribute `unit` of the times may state it. The
file may state the sensor's size in the attribute `geometry` ("640x480", Metavision's) or
`sensor_size` (width, height).
"""

import importlib
import re
from contextlib import suppress
from types import EllipsisType
from typing import Any

import h5py
import numpy as np

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.event_columns import library, recording_of_columns, refuse_column
from dvs_snn.recordings.recording import (
    CONVERTING,
    UNITS_PER_SECOND,
    EventRecording,
    PathLike,
    Size,
)

LAYOUTS = "CD/events, events/{t,x,y,p}, {t,x,y,p} or a table events"
_WORDS = {"seconds": "s", "milliseconds": "ms", "microseconds": "us", "nanoseconds": "ns"}
_UNITS = {name: name for name in UNITS_PER_SECOND} | _WORDS
_Selection = EllipsisType | str | tuple[slice, int]
"""What h5py takes of a dataset: all, a field of a table, or a column of a matrix."""


def read(path: PathLike, sensor_size: Size = None, time_unit: str | None = None) -> EventRecording:
    """Read an HDF5 file of events; `time_unit` counts if neither layout nor file states one."""
    with suppress(ImportError):
        importlib.import_module("hdf5plugin")  # filters such as DSEC's, where it is installed
    with (
        library(path, "h5py", "an HDF5 file of events"),
        h5py.File(path, "r", locking=False) as file,
    ):
        layout = _layout(path, file)
        columns = {
            name: _values(path, name, data, selection) for name, (data, selection) in layout.items()
        }
        offset = _dataset(file, "t_offset")
        if offset is not None and offset.shape == ():
            columns["t"] = columns["t"] + offset[()]
        times, _ = layout["t"]
        unit = _unit(file, times) or time_unit
        geometry = re.fullmatch(r"(\d{1,5})x(\d{1,5})", str(_attribute(file, "geometry")), re.ASCII)
        size = geometry.groups() if geometry else _attribute(file, "sensor_size")
        if sensor_size is None and size is not None:
            sensor_size = [int(side) for side in size]
    return recording_of_columns(path, columns, sensor_size, unit)


def _dataset(file: h5py.File, name: str) -> h5py.Dataset | None:
    """Return a dataset that lies in this very file: a link may lead to any file of the machine."""
    place = file
    for step in name.split("/"):
        if not isinstance(place, h5py.Group):
            return None
        if not isinstance(place.get(step, getlink=True), h5py.HardLink):
            return None
        place = place[step]
    is_here = isinstance(place, h5py.Dataset) and not place.is_virtual and place.external is None
    return place if is_here else None


def _layout(path: PathLike, file: h5py.File) -> dict[str, tuple[h5py.Dataset, _Selection]]:
    """Return of each column its dataset, and what of it is the column."""
    for place in ("CD/events", "events"):
        table = _dataset(file, place)
        if table is None:
            continue
        if table.dtype.names:
            named = [name for name in table.dtype.names if name.removesuffix("s") in [*"txyp"]]
            fields = {name[0]: name for name in named}
            if {*"txy"} <= fields.keys():
                return {column: (table, field) for column, field in fields.items()}
        elif table.ndim == 2 and table.shape[1] in (3, 4):
            columns = enumerate("txyp"[: table.shape[1]])
            return {column: (table, (slice(None), number)) for number, column in columns}
    for prefix in ("events/", ""):
        datasets = {
            column: _dataset(file, f"{prefix}{column}") or _dataset(file, f"{prefix}{column}s")
            for column in "txyp"
        }
        if all(datasets[column] for column in "txy"):
            return {column: (data, ...) for column, data in datasets.items() if data}
    held = ", ".join(ascii(name) for name in list(file)[:8]) or "nothing"
    raise StudyError(f"{path}: holds {held[:300]}, expected events as {LAYOUTS}; {CONVERTING}")


def _values(path: PathLike, name: str, data: h5py.Dataset, selection: _Selection) -> np.ndarray:
    """Read a column, (event,)."""
    packed = data.id.get_create_plist()
    for number in range(packed.get_nfilters()):
        code, _, _, title = packed.get_filter(number)
        if not h5py.h5z.filter_avail(code):
            raise StudyError(
                f"{path}: '{name}' is packed by the HDF5 filter {code} "
                f"({title.decode('latin-1')[:40]!a}), which isn't installed: `pip install "
                f"hdf5plugin` brings blosc and others; {CONVERTING}"
            )
    dtype = data.dtype[selection] if isinstance(selection, str) else data.dtype
    shape = data.shape[:1] if isinstance(selection, tuple) else data.shape
    refuse_column(path, name, dtype, shape)
    return data[selection]


def _unit(file: h5py.File, times: h5py.Dataset) -> str | None:
    """Return the unit of the times as far as layout or file states it."""
    if times.name == "/CD/events" or {"ms_to_idx", "t_offset"} <= set(file):
        return "us"
    return _UNITS.get(str(_attribute(times, "unit")).lower())


def _attribute(place: h5py.File | h5py.Dataset, name: str) -> Any:
    value = place.attrs.get(name)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
