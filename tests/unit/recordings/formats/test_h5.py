"""Recordings in HDF5, written by h5py in each layout, and faults told in one sentence."""

import h5py
import numpy as np
import pytest
from foreign_files import SIZE, a_walk, by_h5py, columns
from made_recordings import assert_same
from recording_bytes import fault

from dvs_snn.recordings.recording import read_recording


def table(recording, names="xypt"):
    """Return events as a table, whose fields are Prophesee's."""
    kinds = {"x": "<u2", "y": "<u2", "p": "<i2", "t": "<i8"}
    events = np.empty(recording.n_events, [(name, kinds[name]) for name in names])
    for name in names:
        events[name] = recording.events[name]
    return events


def in_group(recording, prefix="events/", suffix=""):
    return {f"{prefix}{name}{suffix}": array for name, array in columns(recording).items()}


def test_the_table_of_prophesee_states_unit_and_size(tmp_path):
    recording = a_walk()
    path = by_h5py(tmp_path / "a.h5", {"CD/events": table(recording)}, geometry="346x260")
    assert_same(read_recording(path), recording)
    assert_same(read_recording(path, time_unit="s"), recording)
    assert read_recording(path, (640, 480)).sensor_size == (640, 480)


@pytest.mark.parametrize(("prefix", "suffix"), [("events/", ""), ("", "s")])
def test_columns_in_a_group_or_without(tmp_path, prefix, suffix):
    recording = a_walk()
    path = by_h5py(tmp_path / "a.hdf5", in_group(recording, prefix, suffix), sensor_size=SIZE)
    assert_same(read_recording(path, time_unit="us"), recording)


def test_dsec_has_us_and_its_offset(tmp_path):
    recording = a_walk()
    more = {"ms_to_idx": np.arange(9), "t_offset": np.int64(5_000_000_000)}
    members = in_group(recording) | more
    members["events/t"] = members["events/t"].astype("u4")
    found = read_recording(by_h5py(tmp_path / "a.h5", members))
    assert (found.events["t"] == recording.events["t"] + 5_000_000_000).all()
    assert (found.events["x"] == recording.events["x"]).all()


def test_a_matrix_or_a_table_called_events(tmp_path):
    recording = a_walk()
    matrix = np.stack(list(columns(recording).values()), axis=1).astype("u4")
    for events in (matrix, table(recording, "txyp")):
        path = by_h5py(tmp_path / "a.h5", {"events": events}, sensor_size=SIZE)
        assert_same(read_recording(path, time_unit="us"), recording)
    path = by_h5py(tmp_path / "a.h5", {"events": matrix[:, :3]}, sensor_size=SIZE)
    assert not read_recording(path, time_unit="us").has_polarity


@pytest.mark.parametrize(("unit", "factor"), [("s", 1e-6), ("milliseconds", 1e-3), (b"us", 1)])
def test_an_attribute_of_the_times_states_the_unit(tmp_path, unit, factor):
    recording = a_walk()
    members = in_group(recording)
    path = by_h5py(tmp_path / "a.h5", members | {"events/t": members["events/t"] * factor})
    with h5py.File(path, "a") as file:
        file["events/t"].attrs["unit"] = unit
    assert (read_recording(path).events["t"] == recording.events["t"]).all()


def test_packed_as_dsecs_files_are(tmp_path):
    packed = pytest.importorskip("hdf5plugin").Blosc()
    recording = a_walk(3000)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for name, array in in_group(recording).items():
            file.create_dataset(name, data=array, **packed)
        file.attrs["sensor_size"] = SIZE
    assert_same(read_recording(path, time_unit="us"), recording)


def test_fault_a_filter_that_is_not_installed(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        created = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        created.set_chunk((5,))
        created.set_filter(0x8ECF, h5py.h5z.FLAG_OPTIONAL, ())  # Prophesee's ECF
        space = h5py.h5s.create_simple((5,))
        kind = h5py.h5t.py_create(table(a_walk(1)).dtype)
        h5py.h5d.create(file.create_group("CD").id, b"events", kind, space, created)
    fault(path, "HDF5 filter 36559", "pip install hdf5plugin", "docs/converting.md")


@pytest.mark.parametrize(
    ("members", "needles"),
    [
        ({"images": np.zeros((2, 2))}, ("holds 'images'", "CD/events", "docs/converting.md")),
        ({"t": [1.5], "x": [2], "y": [3]}, ("states no unit", "from 1.5 to 1.5", "time_unit: s")),
        ({"t": [1], "x": [2], "y": [3], "t_offset": 0}, ("states no unit", "time_unit: s")),
        ({"t": np.array([b"a"]), "x": [2], "y": [3]}, ("'t'", "dtype |S1", "expected numbers")),
    ],
)
def test_fault_h5(tmp_path, members, needles):
    fault(by_h5py(tmp_path / "a.h5", members), *needles)


def test_an_unknown_unit_states_none(tmp_path):
    path = by_h5py(tmp_path / "a.h5", {"t": [1], "x": [1], "y": [1]})
    with h5py.File(path, "a") as file:
        file["t"].attrs["unit"] = "ticks"
    fault(path, "states no unit", "time_unit: s")
    assert read_recording(path, time_unit="ms").events["t"].tolist() == [1000]


def test_fault_no_hdf5(put):
    fault(put("b.h5", b"#!AER-DAT2.0\r\n" + bytes(900)), "h5py can't read it", "signature")


@pytest.mark.parametrize("kind", ["link", "virtual", "external"])
def test_what_leads_to_another_file_is_not_followed(tmp_path, kind):
    other = by_h5py(tmp_path / "other.h5", {"t": np.arange(5)})
    path = by_h5py(tmp_path / "a.h5", {"x": np.zeros(5), "y": np.zeros(5)})
    with h5py.File(path, "a") as file:
        if kind == "link":
            file["t"] = h5py.ExternalLink(str(other), "t")
        elif kind == "virtual":
            layout = h5py.VirtualLayout(shape=(5,), dtype="i8")
            layout[:] = h5py.VirtualSource(str(other), "t", shape=(5,))
            file.create_virtual_dataset("t", layout)
        else:
            file.create_dataset("t", (5,), "i8", external=[(str(other), 0, 40)])
    fault(path, "expected events as", time_unit="us")
