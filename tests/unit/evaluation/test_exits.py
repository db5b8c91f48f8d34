"""Exits of a set: what a recording adds, and the file between two jobs."""

from types import SimpleNamespace

import numpy as np
import pytest
from made_exits import make_exits

from dvs_snn.engines.response import Response
from dvs_snn.evaluation.exits import (
    NO_DIGIT,
    exit_row,
    read_exits,
    set_exits,
    store_exits,
    with_the_end,
)
from dvs_snn.files.errors import StudyError

KEY = {"variant": "plain", "seed": "2", "scale": "0.50"}


def _row(label, spikes):
    """One recording of three steps with 1, 2 and 4 events."""
    steps = SimpleNamespace(step=np.repeat(np.arange(3, dtype=np.uint32), [1, 2, 4]))
    recording = SimpleNamespace(symbol="3/a", label=label, steps=steps)
    table = np.zeros((3, 10), dtype=np.int64)
    for step, digit, n in spikes:
        table[step, digit] = n
    return exit_row(recording, Response(table, (), np.array([7, 20, 100])), with_the_end([2, 1]))


def test_a_recording_counts_the_events_and_synops_of_the_steps_before_its_exit():
    exits = set_exits(
        [_row(3, [(0, 4, 1), (1, 3, 3)]), _row(None, []), _row(0, [])], with_the_end([2, 1])
    )
    assert exits.leads.tolist() == [1, 2, np.inf]
    assert exits.n_steps.tolist() == [[1, 2, 3], [3, 3, 3], [3, 3, 3]]
    assert exits.n_events.tolist() == [[1, 3, 7], [7, 7, 7], [7, 7, 7]]
    assert exits.synops.tolist() == [[7, 27, 127], [127] * 3, [127] * 3]
    assert exits.exited.tolist() == [[True, True, False], [False] * 3, [False] * 3]
    # An unknown label isn't what a silent network reads, nor is silence a zero.
    assert exits.label.tolist() == [3, NO_DIGIT, 0]
    assert exits.correct.tolist() == [[False, True, True], [False] * 3, [False] * 3]


def test_stored_exits_come_back_and_repeat(tmp_path):
    exits = make_exits([1, np.inf], ["0/a", "0/bb"], [[1, 0], [1, 1]], [[5, 9], [6, 2**40]])
    more = make_exits([1, np.inf], ["7/bb"] * 3, [[0, 1]] * 3, [[3, 4]] * 3)
    both = {"test": exits, "validation": more}
    for name in ("one.npz", "two.npz"):
        store_exits(both, KEY, tmp_path / name)
    read = read_exits(tmp_path / "one.npz")
    assert [key["set"] for key, _ in read] == ["test", "validation"]
    for key, found in read:
        assert key == {"set": key["set"], "variant": "plain", "seed": 2, "scale": 0.5}
        for name, values in vars(both[key["set"]]).items():
            np.testing.assert_array_equal(getattr(found, name), values)
            assert getattr(found, name).dtype == values.dtype
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_a_damaged_file_is_told(tmp_path):
    np.savez(tmp_path / "a.npz", leads=np.ones(2))
    (tmp_path / "b.npz").write_bytes(b"PK no archive")
    for name in "ab":
        with pytest.raises(StudyError, match=r"npz: can't be read .* delete the file and run"):
            read_exits(tmp_path / f"{name}.npz")
