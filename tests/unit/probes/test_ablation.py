"""One thing changed at a time: what each condition runs, on the same recordings."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from jobs import quiet
from made_recordings import of_digit
from small_networks import lively, random_steps, run

from dvs_snn.engines.response import decide
from dvs_snn.evaluation.choosing.trials import Point
from dvs_snn.files.tables import write_table
from dvs_snn.networks.conversion import Converted
from dvs_snn.probes.ablation import (
    ablate,
    ablate_points,
    sampled_recordings,
)
from dvs_snn.probes.run_settings import (
    BASE,
    CHANGES,
    RunSettings,
    conditions,
    repeated,
)
from dvs_snn.recordings.folders.split_table import split_row
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.recordings.recording import write_recording
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.recordings.store.samples import PlacedRecording, binned
from dvs_snn.settings.conversion import NeuronParameters

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def converted() -> Converted:
    return Converted("sorbaro", lively("sorbaro", 2, 4), NeuronParameters())


@pytest.fixture(scope="module")
def recordings() -> list[PlacedRecording]:
    return [
        PlacedRecording(f"{d}", f"{d}/1", d, "", place(of_digit(d, 900, d), Placement()))
        for d in range(4)
    ]


@pytest.fixture(scope="module")
def found(converted, recordings) -> pd.DataFrame:
    return ablate(converted, 1.5, {"test": recordings}, 10.0, 1, quiet())


def _changed(found, part: str, value: str) -> pd.DataFrame:
    return found[(found["part"] == part) & (found["value"] == value)].reset_index(drop=True)


def _assert_as_run(rows: pd.DataFrame, converted: Converted, scale: float, steps: list) -> None:
    """Compare stored rows with a run of the engine, network and steps made another way."""
    responses = list(run(converted, scale, steps, 1, "sinabs"))
    assert rows["synops"].tolist() == [response.synops for response in responses]
    assert rows["n_events"].tolist() == [len(one.step) for one in steps]
    predicted = [decide(response.spikes, 10.0).predicted for response in responses]
    assert rows["correct"].tolist() == [int(p == d) for d, p in enumerate(predicted)]


def test_every_change_is_run_on_the_same_recordings(found):
    names = list(dict.fromkeys(zip(found["part"], found["value"], strict=True)))
    # The base has steps of 10 ms and a bound of -5.
    same = {("step", "10 ms"), ("lower bound", "-5")}
    assert names == [BASE, *(name for name in CHANGES if name not in same)]
    for _, own in found.groupby(["part", "value"]):
        assert own["recording"].tolist() == list("0123")
    assert found.groupby(["part", "value"])["synops"].sum().nunique() > 8
    # What a study has already is left out, and its changes keep its settings.
    of_other = conditions(RunSettings(5.0, None))
    assert {("step", "5 ms"), ("lower bound", "none")}.isdisjoint(of_other)
    assert of_other["step", "10 ms"] == RunSettings(10.0, None)


def test_other_steps_bounds_and_lengths_are_those_of_sinabs_on_the_recordings(
    found, converted, recordings
):
    for value, step_us in (("1 ms", 1000), ("5 ms", 5000)):
        steps = [binned(one, step_us).steps for one in recordings]
        _assert_as_run(_changed(found, "step", value), converted, 1.5, steps)
    steps = [binned(one, 10_000).steps for one in recordings]
    _assert_as_run(_changed(found, *BASE), converted, 1.5, steps)
    for value, bound in (("none", None), ("-1", -1.0)):
        other = Converted(converted.name, converted.cnn, NeuronParameters(1.0, bound))
        _assert_as_run(_changed(found, "lower bound", value), other, 1.5, steps)
    played = []
    for once in steps:
        dense = np.concatenate([once.dense(0, once.n_steps)] * 2)[:, 0].astype(int)
        step, row, column = np.repeat(np.argwhere(dense), dense[dense > 0], axis=0).T
        played.append(StepEvents(step, row, column, len(dense), 0))
    _assert_as_run(_changed(found, "length", "2 times"), converted, 1.5, played)


@given(st.integers(1, 60), st.integers(1, 9), st.integers(1, 5), st.integers(0, 99))
def test_repeated_steps_are_the_recording_again_and_again(n, n_steps, times, seed):
    steps = random_steps(np.random.default_rng(seed), n, n_steps)
    played = repeated(steps, times)
    assert played.n_steps == times * n_steps
    assert (np.diff(played.step) >= 0).all()
    for i in range(times):
        np.testing.assert_array_equal(
            played.dense(i * n_steps, (i + 1) * n_steps), steps.dense(0, n_steps)
        )


def test_a_point_of_early_exit_counts_up_to_the_exit_under_each_change(converted, recordings):
    points = {"rescaled": Point("plain", 1.5), "early-exit": Point("plain", 1.5, 2.0)}
    about = {"variant": "plain", "seed": 1}
    rows = ablate_points(points, converted, {"test": recordings}, 10.0, 1, quiet(), **about)
    stopped = rows[rows["method"] == "early-exit"]
    assert len(stopped) == len(rows) / 2
    for value, step_us in (("1 ms", 1000), ("5 ms", 5000)):
        steps = [binned(one, step_us).steps for one in recordings]
        found = stopped[stopped["value"] == value]
        for row, response in zip(
            found.itertuples(), run(converted, 1.5, steps, 1, "sinabs"), strict=True
        ):
            sums = np.cumsum(response.spikes, axis=0)
            ordered = np.sort(sums, axis=1)
            leads = np.flatnonzero(ordered[:, -1] - ordered[:, -2] >= 2)
            n = leads[0] + 1 if len(leads) else len(sums)
            assert row.synops == response.step_synops[:n].sum()
            assert row.correct == (sums[n - 1].argmax() == row.label and sums[n - 1].any())
    assert stopped["synops"].sum() < rows[rows["method"] == "rescaled"]["synops"].sum()


def test_a_sample_is_spread_over_all_digits(tmp_path):
    rows = []
    for number in range(50):
        digit, recording = number // 5, of_digit(number // 5, 30, number)
        path = tmp_path / f"{number}.npz"
        write_recording(path, recording)
        name = f"{digit}/{number}"
        rows.append(split_row(name, path, name, digit, "test", recording, Placement()))
    rows.append(rows[0] | {"recording": "not of the set", "split": "train"})
    write_table(pd.DataFrame(rows), tmp_path / "split.csv", "split")
    where = {"": {"sensor_size": [64, 64], "zoom": 1.0, "rotate": 0, "flip": "none"}}
    found = sampled_recordings(tmp_path / "split.csv", "test", where, 20)
    assert len({one.recording for one in found}) == 20
    assert np.bincount([one.label for one in found]).min() >= 1
    everything = sampled_recordings(tmp_path / "split.csv", "test", where, 99)
    assert [one.recording for one in everything] == [row["recording"] for row in rows[:-1]]
