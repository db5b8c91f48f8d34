"""One event at a time: both engines against the slow walk, by hand, and what stays bounded."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_networks import (
    ENGINES,
    NEURONS,
    architectures,
    assert_same_response,
    lively,
    made,
    random_steps,
    run,
    small_network,
    small_network_with_biases,
)
from torch import nn
from walked_networks import walked

from dvs_snn.engines.kinds.sinabs import one_a_step
from dvs_snn.engines.response import running_prediction
from dvs_snn.engines.verification import FIRST_EVENTS, check, compare, first_events
from dvs_snn.files.errors import StudyError
from dvs_snn.networks.conversion import as_spiking
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.settings.inference import InferenceSettings
from dvs_snn.settings.network_settings import NeuronParameters

torch.set_num_threads(1)
PAGE = Path(__file__).parents[3] / "docs/synops.md"


def _shuffled(rng: np.random.Generator, n_events: int, n_steps: int, spread=64) -> StepEvents:
    """Return events at random times, in any order within a step."""
    steps = random_steps(rng, n_events, n_steps, spread)
    order = np.lexsort((rng.random(len(steps.step)), steps.step))
    time = np.sort(steps.step + rng.random(len(steps.step)))
    step = np.floor(time).astype(np.int64)
    return replace(steps, step=step, row=steps.row[order], column=steps.column[order], time=time)


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    build=architectures(),
    seed=st.integers(0, 2**32 - 1),
    power=st.integers(-1, 0),
    neuron_values=st.sampled_from(NEURONS),
    n_steps=st.integers(1, 6),
)
def test_random_networks_do_by_events_what_a_walk_over_every_synapse_does(
    engine, build, seed, power, neuron_values, n_steps
):
    steps = _shuffled(np.random.default_rng(seed), 20, n_steps)
    n = len(steps.step)
    with made(build, NeuronParameters(*neuron_values), seed, power) as converted:
        (response,) = run(converted, 1.0, [steps], 1, engine, timing="events")
        lone = walked(converted, one_a_step(steps))
    for name in ("spikes_in", "spikes_out", "synops"):
        assert [getattr(layer, name) for layer in response.layers] == getattr(lone, name)
    assert response.layer_sums[-1].T.tolist() == [lone.spikes_in, lone.synops, lone.touched]
    so_far = response.layer_sums[..., 1].sum(axis=1)
    np.testing.assert_array_equal(so_far, np.cumsum(response.step_synops))
    # At each moment: what the network had said and spent, event by event.
    said = np.concatenate([np.zeros((1, 10), int), np.cumsum(lone.spikes, axis=0)])
    spent = np.concatenate([[0], np.cumsum(lone.step_synops)])
    np.testing.assert_array_equal(np.cumsum(response.spikes, axis=0), said[response.n_events])
    np.testing.assert_array_equal(np.cumsum(response.step_synops), spent[response.n_events])
    speaks = np.flatnonzero(lone.spikes.any(axis=1))
    ends = np.searchsorted(steps.step, np.arange(1, n_steps + 1))
    assert set(response.n_events) == {*(speaks + 1), *ends}
    for now, seen in zip(response.ends, response.n_events, strict=True):
        assert seen == n or steps.time[seen] >= now
        assert seen == 0 or steps.time[seen - 1] <= now
    running = np.concatenate([[-1], running_prediction(lone.spikes)])
    np.testing.assert_array_equal(response.predictions, running[response.n_events])
    np.testing.assert_array_equal(np.cumsum(response.by_step, axis=0), said[ends])
    np.testing.assert_array_equal(np.cumsum(response.of_steps(response.step_synops)), spent[ends])


@pytest.mark.parametrize("engine", ENGINES)
def test_the_example_of_the_page_by_hand(engine):
    """A neuron with the weights 3/4 of pixel A and -3/4 of pixel B, and ten that it reaches."""
    rows = re.findall(r"^\| ([AB]) \| (-?[\d.]+) \| (\d) \|$", PAGE.read_text("utf-8"), re.M)

    def build() -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(1, 1, 64, bias=False), nn.ReLU(), nn.Flatten(),
            nn.Linear(1, 10, bias=False), nn.ReLU(),
        )  # fmt: skip

    with made(build, NeuronParameters(1.0, -0.5)) as converted:
        first, last = (part.weight for part in converted.parts)
        first[:], last[:] = 0, 1
        first[0, 0, 0, :2] = 0.75, -0.75
        counts = {}
        for name, pixels in (("page", [row[0] for row in rows]), ("later", "AAABB")):
            column = np.array(["AB".index(pixel) for pixel in pixels])
            zero = np.zeros_like(column)
            steps = StepEvents(zero, zero, column, 1, 0)
            (by_events,) = run(converted, 1.0, [steps], 1, engine, timing="events")
            (at_once,) = run(converted, 1.0, [steps], 1, engine)
            counts[name] = by_events.synops, at_once.synops
            if name == "page":
                fired = np.zeros(len(rows), int)
                fired[by_events.n_events - 1] = by_events.spikes[:, 4]
    assert fired.tolist() == [int(spikes) for _, _, spikes in rows]
    assert [float(potential) for _, potential, _ in rows] == [0.75, 0.5, -0.25, -0.5, 0.25]
    assert counts == {"page": (15, 5), "later": (25, 5)}


def test_first_events_of_trained_like_networks_agree_with_sinabs_within_the_studys_bounds():
    """With whole weights in every entry; with float32 within the bounds of `verification.csv`."""
    rng = np.random.default_rng(2)
    recordings = {name: first_events(_shuffled(rng, 400, 5, 30), FIRST_EVENTS) for name in "ab"}
    by_events = InferenceSettings(timing="events")
    with made(small_network, NeuronParameters(1.0, -1.0)) as whole:
        rows = compare(whole, [1.0], recordings, by_events)
    assert rows["entries_differing"].sum() == rows["synops_differing"].sum() == 0
    assert (rows["entries"] == [10 * len(each.step) for each in recordings.values()]).all()
    network = as_spiking("tutorial", lively("tutorial", 3, 3.0), NeuronParameters(1.0, -1.0))
    rows = compare(network, [1.0], recordings, by_events)
    assert rows["synops_sinabs"].min() > 10**5
    check(rows)


def test_recordings_side_by_side_answer_as_alone_and_silence_is_an_answer():
    rng = np.random.default_rng(4)
    recordings = [_shuffled(rng, n, 5, 40) for n in (60, 0, 200)]
    with made(small_network) as converted:
        together = run(converted, 1.0, recordings, 1, threads=3, timing="events")
        for steps, response in zip(recordings, together, strict=True):
            for engine in ENGINES:
                (alone,) = run(converted, 1.0, [steps], 1, engine, timing="events")
                assert_same_response(response, alone)
                np.testing.assert_array_equal(response.ends, alone.ends)
    assert response.n_steps == 5


def test_a_long_recording_takes_a_row_for_each_answer_and_step_not_for_each_event():
    n = 200_000
    rng = np.random.default_rng(5)
    step, (row, column) = np.sort(rng.integers(0, 300, n)), rng.integers(0, 64, (2, n))
    with made(small_network, NeuronParameters(200.0, -1.0)) as converted:
        (response,) = run(
            converted, 1.0, [StepEvents(step, row, column, 300, 0)], 1, timing="events"
        )
    assert response.synops > n
    assert 300 <= len(response.spikes) <= 300 + response.spikes.sum() < n / 10


@pytest.mark.parametrize("engine", ENGINES)
def test_biases_are_refused_by_events(engine):
    steps = random_steps(np.random.default_rng(6), 5, 2)
    with (
        made(small_network_with_biases) as converted,
        pytest.raises(StudyError, match="inference.timing .* biases, .* set timing to steps"),
    ):
        list(run(converted, 1.0, [steps], 1, engine, timing="events"))
