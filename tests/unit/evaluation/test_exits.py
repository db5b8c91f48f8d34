"""Exits of a set: those of a network that is watched, their file, and ``exits.csv`` by hand."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from made_exits import make_exits

from dvs_snn.engines.response import Response, running_prediction
from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.evaluation.exits import (
    NO_DIGIT,
    exit_row,
    read_exits,
    set_exits,
    store_exits,
    with_the_end,
)
from dvs_snn.evaluation.power import EnergyModel
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.errors import StudyError
from dvs_snn.tables.summaries import exits_table

LEADS = with_the_end([3, 1, 6, 2])
SPIKES = st.integers(0, 12).flatmap(
    lambda n: arrays(np.int64, (n, 10), elements=st.sampled_from([0, 0, 0, 0, 1, 2, 5]))
)


def _row(label, spikes):
    """Step i has i events and costs 10 ** i SynOps: each sum tells which steps it holds."""
    n_steps = len(spikes)
    steps = SimpleNamespace(step=np.repeat(np.arange(n_steps, dtype=np.uint32), range(n_steps)))
    recording = SimpleNamespace(symbol="3/a", label=label, steps=steps)
    return exit_row(recording, Response(spikes, (), 10 ** np.arange(n_steps)), LEADS)


def _watched(spikes: np.ndarray, lead: float) -> tuple[int, bool]:
    """Count spikes step by step, and stop as soon as the best is far enough ahead."""
    counts = [0] * 10
    for now, fired in enumerate(spikes):
        counts = [count + int(n) for count, n in zip(counts, fired, strict=True)]
        *_, second, best = sorted(counts)
        if best - second >= lead:
            return now + 1, True
    return len(spikes), False


@given(SPIKES)
@example(np.zeros((3, 10), dtype=np.int64))
def test_exits_are_those_of_a_network_that_is_watched(spikes):
    assert LEADS.tolist() == [1, 2, 3, 6, math.inf]
    exits = set_exits([_row(3, spikes)], LEADS)
    running = running_prediction(spikes)
    for place, lead in enumerate(LEADS):
        n_steps, exited = _watched(spikes, lead)
        predicted = running[n_steps - 1] if n_steps else NO_DIGIT
        expected = {
            "predicted": predicted, "correct": predicted == 3, "n_steps": n_steps, "exited": exited,
            "n_events": sum(range(n_steps)), "synops": sum(10**step for step in range(n_steps)),
        }  # fmt: skip
        assert {name: getattr(exits, name)[0, place] for name in expected} == expected


def test_by_events_a_network_stops_within_a_step_and_has_spent_what_came_until_then():
    spikes, leads = np.zeros((3, 10), dtype=np.int64), with_the_end([1, 2, 3])
    spikes[[0, 1], 4] = 1
    moments = np.array([7, 20, 3]), np.array([0.25, 0.5, 1.0]), np.array([1, 3, 4])
    steps = SimpleNamespace(step=np.zeros(4, dtype=np.uint32))
    row = exit_row(
        SimpleNamespace(symbol="4/a", label=4, steps=steps), Response(spikes, (), *moments), leads
    )
    key = {"set": "test", "variant": "plain", "seed": 1, "scale": 1.0, "timing": "events"}
    chosen = Quoted.of(pd.DataFrame(columns=["chosen", "method", "variant", "scale", "exit"]))
    read = [(key, set_exits([row], leads))]
    table = exits_table(read, chosen, EnergyModel(10.0), 10.0)
    assert table["time_to_exit_ms"].tolist() == [2.5, 5, 10, 10]
    assert table["events_per_reading"].tolist() == [1, 3, 4, 4]
    assert table["synops_per_reading"].tolist() == [7, 27, 30, 30]
    assert table["exited_fraction"].tolist() == [1, 1, 0, 0]


def test_beside_a_lead_stands_the_first_fixed_stop_that_reads_validation_as_well():
    """A recording is read rightly from its step 4 on, one of each two; the other from step 40."""
    late = np.zeros((60, 10), dtype=np.int64)
    late[[4, 40, 41], [3, 5, 5]] = 1
    early = late * (np.arange(60) < 40)[:, None]
    steps = SimpleNamespace(step=np.zeros(0, dtype=np.uint32))

    def read(name, *shown):
        rows = []
        for label, spikes in shown:
            recording = SimpleNamespace(symbol="s", label=label, steps=steps)
            rows.append(exit_row(recording, Response(spikes, (), np.ones(60, np.int64)), LEADS))
        key = {"set": name, "variant": "plain", "seed": 1, "scale": 1.0, "timing": "steps"}
        return key, set_exits(rows, LEADS)

    both = read("test", (3, early)), read("validation", (3, early), (5, late))
    chosen = Quoted.of(pd.DataFrame(columns=["chosen", "method", "variant", "scale", "exit"]))
    table = exits_table(both, chosen, EnergyModel(10.0), 10.0)
    of_test = table[table["set"] == "test"]
    # At a lead of 1 half of validation is read; at others all, which takes 42 steps.
    grid = 2 * 1.19 ** np.arange(32)
    ends = [next(stop for stop in grid if stop >= n) for n in (5, 42, 42, 42, 42)]
    assert of_test["stop_ms"].tolist() == pytest.approx([10 * end for end in ends])
    spent = [math.floor(end) for end in ends]
    assert of_test["stop_synops_per_reading"].tolist() == spent
    assert of_test["stop_accuracy"].tolist() == [1] * 5
    alone = exits_table(both[:1], chosen, EnergyModel(10.0), 10.0)
    assert alone["stop_ms"].isna().all()


def test_an_unknown_label_is_not_what_a_silent_network_reads_nor_is_silence_a_zero():
    silent = np.zeros((3, 10), dtype=np.int64)
    exits = set_exits([_row(None, silent), _row(0, silent)], LEADS)
    assert exits.label.tolist() == [NO_DIGIT, 0]
    assert not exits.correct.any()


def test_stored_exits_come_back_and_repeat(tmp_path):
    exits = make_exits([1, np.inf], ["0/a", "0/bb"], [[1, 0], [1, 1]], [[5, 9], [6, 2**40]])
    more = make_exits([1, np.inf], ["7/bb"] * 3, [[0, 1]] * 3, [[3, 4]] * 3)
    both = {"test": exits, "validation": more}
    network = {"variant": "plain", "timing": "events"}
    for name in ("a.npz", "b.npz"):
        store_exits(both, network | {"seed": "2", "scale": "0.50"}, tmp_path / name)
    read = read_exits(tmp_path / "a.npz")
    assert [key["set"] for key, _ in read] == ["test", "validation"]
    for key, of_set in read:
        assert key == {"set": key["set"], **network, "seed": 2, "scale": 0.5}
        for name, values in vars(both[key["set"]]).items():
            np.testing.assert_array_equal(getattr(of_set, name), values)
            assert getattr(of_set, name).dtype == values.dtype
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_a_damaged_file_is_told(tmp_path):
    np.savez(tmp_path / "a.npz", leads=np.ones(2))
    (tmp_path / "b.npz").write_bytes(b"PK no archive")
    for name in "ab":
        with pytest.raises(StudyError, match=r"npz: can't be read .* delete the file and run"):
            read_exits(tmp_path / f"{name}.npz")


def test_a_row_of_the_table_sums_up_what_was_spent_until_the_exit():
    """Three recordings of two symbols; the last never reaches a lead of 2."""
    exits = make_exits(
        [2, np.inf], ["0/a", "0/a", "0/b"], [[1, 1], [0, 1], [1, 1]],
        [[100, 400], [200, 500], [600, 600]], [[30, 90], [60, 90], [90, 90]],
        [[1, 5], [2, 5], [6, 6]], [[1, 0], [1, 0], [0, 0]],
    )  # fmt: skip
    dark = make_exits([np.inf], ["0/a"], [[0]], 0, 0, 3)
    choice = [("early-exit", 0.5, 2.0, 1), ("early-exit", 1.0, 2.0, 0), ("rescaled", 1.0, None, 1)]
    choice = pd.DataFrame(choice, columns=["method", "scale", "exit", "chosen"])
    choice["variant"] = "plain"
    key = {"set": "test", "variant": "plain", "seed": 1, "timing": "steps"}
    read = [({**key, "scale": s}, of) for s, of in ((0.5, exits), (1.0, exits), (2.0, dark))]
    table = exits_table(read, Quoted.of(choice), EnergyModel(10.0, 0.5), 10.0)
    # Never at a scale that is chosen for networks that read to the end.
    assert table["chosen"].tolist() == [1, 0, 0, 0, 0]
    stopped, whole, *_, nothing = table.to_dict("records")
    assert (stopped["set"], stopped["scale"], stopped["exit"]) == ("test", 0.5, 2)
    assert (stopped["n_recordings"], stopped["n_symbols"]) == (3, 2)
    assert stopped["accuracy"] == pytest.approx(2 / 3)
    assert (stopped["accuracy_low"], stopped["accuracy_high"]) == wilson_interval(2 / 3, 2)
    assert stopped["synops_per_reading"] == 300
    assert stopped["events_per_reading"] == 60
    assert (stopped["time_to_exit_ms"], stopped["time_to_exit_median_ms"]) == (30, 20)
    assert stopped["exited_fraction"] == pytest.approx(2 / 3)
    # 300 SynOps of 10 pJ, and 0.5 mW for 30 ms.
    assert stopped["energy_per_reading_uj"] == pytest.approx(300 * 10e-6 + 0.5 * 30)
    assert stopped["power_while_reading_mw"] == pytest.approx(300 * 10e-6 / 30 + 0.5)
    # All 270 events count, also those after the exit.
    assert stopped["synops_per_3000_events"] == 10_000
    assert math.isnan(whole["exit"])
    assert (whole["synops_per_reading"], whole["exited_fraction"]) == (500, 0)
    assert math.isnan(nothing["synops_per_3000_events"])
    none = exits_table(read[:1], Quoted.of(choice.iloc[:0]), EnergyModel(10.0), 10.0)
    assert none["chosen"].tolist() == [0, 0]
