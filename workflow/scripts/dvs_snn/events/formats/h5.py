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
from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any

from dvs_snn.events.apart import read_apart
from dvs_snn.events.recording import CONVERTING, UNITS_PER_SECOND, EventRecording, PathLike
from dvs_snn.files.errors import StudyError

LAYOUTS = "CD/events, events/{t,x,y,p}, {t,x,y,p} or a table events"
_ROWS_AT_ONCE = 2**17
_ALIASES = {"t": ("t", "ts"), "x": ("x", "xs"), "y": ("y", "ys"), "p": ("p", "ps")}
_UNITS = {
    **{name: name for name in UNITS_PER_SECOND}, "seconds": "s", "milliseconds": "ms",
    "microseconds": "us", "nanoseconds": "ns",
}  # fmt: skip


def read(
    path: PathLike, sensor_size: Sequence[int] | None = None, time_unit: str | None = None
) -> EventRecording:
    """Read an HDF5 file of events.

    Args:
        sensor_size: (width, height) in pixels, in place of the file's. If neither says it, the
            smallest that holds the events.
        time_unit: unit of the times if neither layout nor file states it.

    Raises:
        StudyError: the file has a fault, or nothing states the unit.
    """
    return read_apart(__name__, "h5py", path, "an HDF5 file of events", sensor_size, time_unit)


def parts(path: str, h5py: ModuleType) -> Iterator[dict[str, Any]]:
    """Yield what the file states, then its events. Runs in the process apart."""
    with suppress(ImportError):
        importlib.import_module("hdf5plugin")  # filters such as DSEC's, where it is installed
    with h5py.File(path, "r", locking=False) as file:
        layout = _layout(h5py, file)
        for name, (table, field) in layout.items():
            _refuse_table(h5py, name, table, field)
        lengths = {name: table.shape[0] for name, (table, _) in layout.items()}
        if len(set(lengths.values())) > 1:
            raise StudyError(f"number of values is {lengths}, expected as many in each of them")
        yield _stated(file, layout["t"][0])
        offset = _dataset(h5py, file, "t_offset")
        late = offset[()] if offset is not None and offset.shape == () else 0
        for start in range(0, lengths["t"], _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            part = {name: _column(table, field, rows) for name, (table, field) in layout.items()}
            yield {**part, "t": part["t"] + late}


def _column(table: Any, field: str | int | None, rows: slice) -> Any:
    """Read some rows of a column, of one dimension."""
    if field is None:
        return table[rows]
    return table[rows, field] if isinstance(field, int) else table.fields(field)[rows]


def _dataset(h5py: ModuleType, group: Any, *names: str) -> Any:
    """Return the dataset of one of some names that lies in this very file, else None.

    A link or a dataset may lead to any other file of the machine.
    """
    for name in names:
        place = group
        for step in name.split("/"):
            inside = isinstance(place, h5py.Group) and isinstance(
                place.get(step, getlink=True), h5py.HardLink
            )
            place = place[step] if inside else None
        if isinstance(place, h5py.Dataset) and not place.is_virtual and place.external is None:
            return place
    return None


def _layout(h5py: ModuleType, file: Any) -> dict[str, tuple[Any, str | int | None]]:
    """Return of each column its dataset, and its field in a table or its place in a matrix."""
    for name in ("CD/events", "events"):
        table = _dataset(h5py, file, name)
        if table is not None and table.dtype.names:
            fields = {
                column: next((alias for alias in aliases if alias in table.dtype.names), None)
                for column, aliases in _ALIASES.items()
            }
            if all(fields[column] for column in "txy"):
                return {column: (table, field) for column, field in fields.items() if field}
        elif table is not None and len(table.shape) == 2 and table.shape[1] in (3, 4):
            return {column: (table, place) for place, column in enumerate("txyp"[: table.shape[1]])}
    for prefix in ("events/", ""):
        found = {
            column: _dataset(h5py, file, *(prefix + alias for alias in aliases))
            for column, aliases in _ALIASES.items()
        }
        if all(found[column] is not None for column in "txy"):
            return {column: (one, None) for column, one in found.items() if one is not None}
    held = ", ".join(ascii(name) for name in list(file)[:8]) or "nothing"
    raise StudyError(f"holds {held[:300]}, expected events as {LAYOUTS}; {CONVERTING}")


def _refuse_table(h5py: ModuleType, name: str, table: Any, field: str | int | None) -> None:
    """Raise if a column can't be read, or holds no numbers."""
    packed = table.id.get_create_plist()
    for number in range(packed.get_nfilters()):
        code, _, _, title = packed.get_filter(number)
        if not h5py.h5z.filter_avail(code):
            raise StudyError(
                f"'{name}' is packed by the HDF5 filter {code} ({title.decode('latin-1')[:40]!a}), "
                "which isn't installed: `pip install hdf5plugin` brings blosc and others; "
                f"{CONVERTING}"
            )
    dtype = table.dtype[field] if isinstance(field, str) else table.dtype
    n_sides = 2 if isinstance(field, int) else 1
    if dtype.kind not in "biuf" or len(table.shape) != n_sides:
        raise StudyError(
            f"'{name}' has dtype {str(dtype)[:60]} and shape {table.shape}, expected numbers of "
            f"{n_sides} dimension{'s' * (n_sides > 1)}"
        )


def _stated(file: Any, times: Any) -> dict[str, Any]:
    """Return the unit of the times and the sensor's size as far as layout or file states them."""
    found: dict[str, Any] = {}
    if times.name == "/CD/events" or {"ms_to_idx", "t_offset"} <= set(file):
        found["unit"] = "us"
    elif (unit := _attribute(times, "unit")) is not None:
        found["unit"] = _UNITS.get(str(unit).lower())
        if found["unit"] is None:
            raise StudyError(
                f"attribute 'unit' of the times is {str(unit)[:40]!a}, expected one of "
                f"{', '.join(_UNITS)}"
            )
    geometry = re.fullmatch(r"(\d{1,5})x(\d{1,5})", str(_attribute(file, "geometry")), re.ASCII)
    size = geometry.groups() if geometry else _attribute(file, "sensor_size")
    if size is not None:
        found["sensor_size"] = [int(side) for side in size]
    return found


def _attribute(place: Any, name: str) -> Any:
    value = place.attrs.get(name)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
