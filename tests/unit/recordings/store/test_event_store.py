"""The store of a set: what sensors sent is read back exactly, whole or not at all."""

import numpy as np
import pandas as pd
import pytest
from made_recordings import from_columns, of_digit

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.recordings.recording import EventRecording, silent_recording
from dvs_snn.recordings.steps import bin_steps
from dvs_snn.recordings.store.event_store import (
    TABLE_COLUMNS,
    StoredRecording,
    open_store,
    store_recordings,
)

PLACEMENTS = {"": Placement(), "near": Placement(1.7, 90), "apart": Placement(0.25)}


def _recording(name: str, raw: EventRecording, scene: str = "") -> StoredRecording:
    return StoredRecording(name, f"3/{name}", 3, scene, f"hash of {name}", raw)


@pytest.fixture
def paths(tmp_path):
    return tmp_path / "test.npy", tmp_path / "test.csv"


def test_recordings_are_read_as_they_were_sent(paths):
    late = from_columns([2**40, 2**40, 2**40 + 1], [9, 3, 300], 7, sensor_size=(346, 260))
    recordings = [
        _recording("NA", of_digit(3, 500, 1), "near"),
        _recording("silent", silent_recording((34, 34), 0.12)),
        # Events of one time keep their order.
        _recording("late", late, "apart"),
    ]
    table = store_recordings(iter(recordings), *paths)
    assert tuple(table.columns) == tuple(TABLE_COLUMNS)
    stored = open_store(*paths, PLACEMENTS)
    pd.testing.assert_frame_equal(stored.table, table)
    assert isinstance(stored.events.base, np.memmap)
    assert len(stored) == 3
    # Twice: every job walks it anew.
    for read, expected in zip([*stored, *stored], recordings * 2, strict=True):
        for key in ("recording", "symbol", "label", "scene", "sha256"):
            assert getattr(read, key) == getattr(expected, key)
        assert read.placement == PLACEMENTS[expected.scene]
        for key in ("sensor_size", "has_polarity", "span", "duration_s"):
            assert getattr(read.raw, key) == getattr(expected.raw, key)
        np.testing.assert_array_equal(read.raw.events, expected.raw.events)
        assert np.shares_memory(read.raw.events, stored.events) or not read.raw.n_events
    assert [len(one.steps.step) for one in stored.in_steps(1000)][1:] == [0, 1]
    assert stored.in_steps(10_000)[1].steps.n_steps == 12


def test_steps_are_those_of_the_placed_recording(paths):
    raw = of_digit(1, 300, 11, 70, (72, 64))
    # Time runs on before and after the events: one after the last moment counts in the last step.
    sent = from_columns([5_000, 99_999], 3, 4, sensor_size=(64, 64))
    late = EventRecording(sent.events, sent.sensor_size, span_us=(0, 94_999))
    store_recordings([_recording("a", raw, "near"), _recording("b", late)], *paths)
    stored = open_store(*paths, PLACEMENTS)
    binned, binned_late = stored.in_steps(10_000)
    placed = place(raw, PLACEMENTS["near"])
    expected = bin_steps(placed, 10_000)
    assert binned.n_outside == placed.n_outside > 0
    assert binned.duration_s == placed.duration_s
    for key in ("step", "row", "column", "n_steps"):
        np.testing.assert_array_equal(getattr(binned.steps, key), getattr(expected, key))
    assert (binned_late.steps.step.tolist(), binned_late.steps.n_steps) == ([0, 9], 10)
    assert [recording.recording for recording in stored.evenly(5)] == ["a", "b"]
    assert stored[1].recording == stored[-1].recording == "b"


def test_both_files_appear_or_neither(paths):
    def broken():
        yield _recording("a", of_digit(1, 50, 5))
        raise StudyError("b.npz: is broken.")

    with pytest.raises(StudyError, match="is broken"):
        store_recordings(broken(), *paths)
    with pytest.raises(StudyError, match="test.csv: the set has no recording"):
        store_recordings([], *paths)
    assert not list(paths[0].parent.iterdir())
