"""Readings of a set: those of a network that is watched, their file, and ``exits.csv`` by hand."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dvs_snn.engines.response import Response, running_prediction
from dvs_snn.evaluation.readings import (
    COLUMNS,
    at_exit,
    ends,
    fixed_stops,
    growing_readings,
    read_readings,
    readings_table,
    spiking_reading,
    stop_layer_rows,
    stops_of,
)
from dvs_snn.files.errors import StudyError
from dvs_snn.points.points_table import by_training, fixed_stops_beside
from dvs_snn.points.trials import trials_by_method
from dvs_snn.settings.sides import SPIKING
from dvs_snn.settings.training_settings import RESCALED

LEADS = [1, 2, 3, 6]
SPIKES = st.integers(0, 12).flatmap(
    lambda n: arrays(np.int64, (n, 10), elements=st.sampled_from([0, 0, 0, 0, 1, 2, 5]))
)
KEY = {
    "set": "test",
    "variant": "plain",
    "seed": 1,
    "scale": 1.0,
    "timing": "events",
    "frames": "",
    "side": SPIKING,
}


def points_at_stops(*readings):
    """The points that readings give: one at each lead, ascending, and that to the end."""
    return by_training(trials_by_method(readings, {"plain": RESCALED}))


def _recording(label, steps, name="3/a"):
    """A recording of the network's input events in these steps, without other facts."""
    return SimpleNamespace(
        recording=name,
        symbol=name,
        label=label,
        sha256="",
        steps=SimpleNamespace(step=np.asarray(steps, dtype=np.uint32)),
        n_outside=0,
        duration_s=0.1,
    )


def _reading(label, spikes):
    """Step i has i events and costs 10 ** i SynOps: each sum tells which steps it holds."""
    n_steps = len(spikes)
    recording = _recording(label, np.repeat(np.arange(n_steps), range(n_steps)))
    response = Response(spikes, (), 10 ** np.arange(n_steps))
    return spiking_reading(recording, response, stops_of(response.spikes, LEADS), 10.0)


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
def test_stops_are_those_of_a_network_that_is_watched(spikes):
    table = readings_table([_reading(3, spikes)])
    assert table["exit"].fillna(math.inf).tolist() == [*LEADS, math.inf]
    running = running_prediction(spikes)
    for row, lead in zip(table.to_dict("records"), [*LEADS, math.inf], strict=True):
        n_steps, reached = _watched(spikes, lead)
        predicted = running[n_steps - 1] if n_steps else -1
        assert row["reached"] == reached
        assert row["time_ms"] == 10 * n_steps
        assert row["n_events_read"] == sum(range(n_steps))
        assert row["operations"] == sum(10**step for step in range(n_steps))
        assert row["correct"] == (predicted == 3)
        if predicted < 0:
            assert pd.isna(row["predicted"])
        else:
            assert row["predicted"] == predicted


def test_by_events_a_network_stops_within_a_step_and_has_spent_what_came_until_then():
    spikes = np.zeros((3, 10), dtype=np.int64)
    spikes[[0, 1], 4] = 1
    response = Response(
        spikes, (), np.array([7, 20, 3]), np.array([0.25, 0.5, 1.0]), np.array([1, 3, 4])
    )
    stops = stops_of(response.spikes, [1, 2, 3])
    reading = spiking_reading(_recording(4, np.zeros(4)), response, stops, 10.0)
    readings = readings_table([reading]).assign(**KEY)
    table = points_at_stops(readings)
    assert table["time_to_exit_ms"].tolist() == [2.5, 5, 10, 10]
    assert table["events_per_reading"].tolist() == [1, 3, 4, 4]
    assert table["operations_per_reading"].tolist() == [7, 27, 30, 30]
    assert table["exited_fraction"].tolist() == [1, 1, 0, 0]


def test_beside_a_lead_stands_the_first_fixed_stop_that_reads_validation_as_well():
    """A recording is read rightly from its step 4 on, one of each two; the other from step 40."""
    late = np.zeros((60, 10), dtype=np.int64)
    late[[4, 40, 41], [3, 5, 5]] = 1
    early = late * (np.arange(60) < 40)[:, None]

    def read(name, *shown):
        responses = [Response(spikes, (), np.ones(60, np.int64)) for _, spikes in shown]
        labels = [label for label, _ in shown]
        readings = [
            spiking_reading(_recording(label, []), response, stops_of(response.spikes, LEADS), 10.0)
            for label, response in zip(labels, responses, strict=True)
        ]
        key = {**KEY, "set": name}
        stops = fixed_stops(responses, labels, 10.0).assign(**key)
        return readings_table(readings).assign(**key), stops

    test, test_stops = read("test", (3, early))
    validation, validation_stops = read("validation", (3, early), (5, late))
    stops = pd.concat([test_stops, validation_stops])
    table = points_at_stops(test, validation)
    table = table.join(fixed_stops_beside(table, stops))
    of_test = table[table["set"] == "test"]
    # At a lead of 1 half of validation is read; at others all, which takes 42 steps.
    grid = 2 * 1.19 ** np.arange(32)
    expected = [next(stop for stop in grid if stop >= n) for n in (5, 42, 42, 42, 42)]
    assert of_test["stop_ms"].tolist() == pytest.approx([10 * stop for stop in expected])
    spent = [math.floor(stop) for stop in expected]
    assert of_test["stop_operations_per_reading"].tolist() == spent
    assert of_test["stop_accuracy"].tolist() == [1] * 5
    alone = points_at_stops(test)
    assert fixed_stops_beside(alone, test_stops)["stop_ms"].isna().all()


def test_at_a_fixed_stop_the_steps_count_that_have_ended_by_then():
    """Step i ends after i + 1 steps and costs 2 ** i SynOps; the second decides rightly."""
    spikes = np.zeros((10, 10), dtype=np.int64)
    spikes[1, 3] = 1
    table = fixed_stops([Response(spikes, (), 2 ** np.arange(10))], [3], 10.0)
    # The first stop is the very end of the second step.
    assert table["stop_ms"].iloc[0] == 20
    for row in table.to_dict("records"):
        ended = [step for step in range(10) if 10 * (step + 1) <= row["stop_ms"]]
        assert row["synops"] == sum(2**step for step in ended)
        assert row["n_correct"] == 1


def test_what_leaves_a_layer_arrives_at_the_next_one_and_the_last_gives_the_answer():
    """Two layers and two moments; the output leads by 1 spike after the first, by 5 at the end."""
    spikes = np.zeros((2, 10), dtype=np.int64)
    spikes[:, 3] = [1, 4]
    first_moment = [(10, 100, 5), (2, 20, 3)]
    second_moment = [(30, 300, 9), (8, 80, 4)]
    sums = np.array([first_moment, second_moment])
    response = Response(spikes, (), np.array([120, 260]), layer_sums=sums)
    reading = spiking_reading(_recording(3, []), response, stops_of(response.spikes, [1]), 10.0)
    table = stop_layer_rows([reading, reading], ["conv1", "fc1"])
    assert table["exit"].fillna(0).tolist() == [1, 1, 0, 0]
    assert table["layer"].tolist() == ["conv1", "fc1", "conv1", "fc1"]
    assert table["inputs"].tolist() == [20, 4, 60, 16]
    assert table["operations"].tolist() == [200, 40, 600, 160]
    assert table["touched"].tolist() == [10, 6, 18, 8]
    assert table["outputs"].tolist() == [4, 2, 16, 10]


def test_an_unknown_label_is_not_what_a_silent_network_reads_nor_is_silence_a_zero():
    silent = np.zeros((3, 10), dtype=np.int64)
    readings = readings_table([_reading(None, silent), _reading(0, silent)])
    assert readings["label"].isna().tolist() == [True] * 5 + [False] * 5
    assert readings["correct"].fillna(7).tolist() == [7] * 5 + [0] * 5
    stops = fixed_stops([Response(silent, (), np.ones(3, np.int64))], [None], 10.0)
    assert not stops["n_correct"].any()


def test_stored_readings_come_back_set_by_set_and_repeat(tmp_path):
    spikes = np.eye(10, dtype=np.int64)[[3, 3, 4]]
    both = {
        "test": readings_table([_reading(3, spikes), _reading(None, spikes)]),
        "NA": readings_table([_reading(4, np.zeros((2, 10), dtype=np.int64))]),
    }
    for name in ("a", "b"):
        with growing_readings(tmp_path / f"{name}.parquet") as add:
            for of_set, readings in both.items():
                add(readings.assign(**{**KEY, "set": of_set}))
    read = list(read_readings(tmp_path / "a.parquet"))
    assert [list(table.columns) for table in read] == [list(COLUMNS)] * 2
    for (name, readings), table in zip(both.items(), read, strict=True):
        assert set(table["set"]) == {name}
        for column in readings:
            expected = [None if pd.isna(value) else value for value in readings[column]]
            stored = [None if pd.isna(value) else value for value in table[column]]
            assert stored == expected, column
        assert ends(table)["time_ms"].tolist() == table["time_ms"][4::5].tolist()
        assert at_exit(table, 2)["operations"].tolist() == table["operations"][1::5].tolist()
    (alone,) = read_readings(tmp_path / "a.parquet", ["NA"])
    assert alone["predicted"].isna().all()
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_damaged_file_is_told(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 no file")
    with pytest.raises(StudyError, match=r"parquet: can't be read .* delete the file and run"):
        list(read_readings(tmp_path / "a.parquet"))


def _made(scale, leads, right, operations, n_events_read=1000, n_steps=10, reached=True):
    """Readings of recordings that show zeros, of 90 events and 6 steps; (recording, stop) each."""
    shape = np.shape(right)
    symbols = ["0/a", "0/a", "0/b"][: shape[0]]
    columns = {
        "exit": [*leads, math.nan],
        "correct": right,
        "operations": operations,
        "n_events_read": n_events_read,
        "time_ms": 10 * np.asarray(n_steps),
        "reached": reached,
    }
    table = pd.DataFrame({k: np.broadcast_to(v, shape).ravel() for k, v in columns.items()})
    return table.assign(
        **{**KEY, "scale": scale}, symbol=np.repeat(symbols, shape[1]), recording_ms=60.0
    )


def test_a_row_of_the_table_sums_up_what_was_spent_until_the_exit():
    """Three recordings of two symbols; the last never reaches a lead of 2."""
    what = {
        "right": [[1, 1], [0, 1], [1, 1]],
        "operations": [[100, 400], [200, 500], [600, 600]],
        "n_events_read": [[30, 90], [60, 90], [90, 90]],
        "n_steps": [[1, 5], [2, 5], [6, 6]],
        "reached": [[1, 0], [1, 0], [0, 0]],
    }
    tables = [_made(0.5, [2], **what).assign(n_events=90)]
    tables.append(_made(2.0, [], [[0]], 0, 0, 3).assign(n_events=0))
    stopped, whole, nothing = points_at_stops(*tables).to_dict("records")
    assert (stopped["set"], stopped["scale"], stopped["exit"]) == ("test", 0.5, 2)
    assert (stopped["n_recordings"], stopped["n_symbols"]) == (3, 2)
    assert stopped["accuracy"] == pytest.approx(2 / 3)
    assert stopped["operations_per_reading"] == 300
    assert stopped["events_per_reading"] == 60
    assert stopped["time_to_exit_ms"] == pytest.approx(30)
    assert stopped["exited_fraction"] == pytest.approx(2 / 3)
    # All 270 events count, also those after the exit.
    assert stopped["operations_per_3000_events"] == pytest.approx(10_000)
    assert math.isnan(whole["exit"])
    assert (whole["operations_per_reading"], whole["exited_fraction"]) == (500, 0)
    assert math.isnan(nothing["operations_per_3000_events"])
