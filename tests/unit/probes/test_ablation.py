"""How a network runs, changed one thing at a time: what each condition runs."""

import numpy as np
import pandas as pd
import pytest
import torch
from jobs import quiet, write_choice
from made_recordings import of_digit
from small_networks import lively, run
from torch import nn

from dvs_snn.files.tables import read_table
from dvs_snn.networks.conversion import ConvertJob, as_spiking, convert, save_weights
from dvs_snn.networks.spiking_network import SpikingNetwork
from dvs_snn.probes.kinds.ablation import CHANGES, RunSettings, conditions
from dvs_snn.probes.probe_modules import BASE, ProbeJob, measure_probe
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import SetPlacement, StoredRecording, store_recordings
from dvs_snn.settings.inference import InferenceSettings
from dvs_snn.settings.network_settings import NeuronParameters

torch.set_num_threads(1)
RECORDINGS = [
    StoredRecording(f"{digit}", f"{digit}/1", digit, "", "", of_digit(digit, 900, digit))
    for digit in range(4)
]
EARLY, WHOLE = "early-exit", "rescaled"


@pytest.fixture(scope="module")
def cnn() -> nn.Sequential:
    return lively("tutorial", 2, 4)


@pytest.fixture(scope="module")
def converted(cnn) -> SpikingNetwork:
    return as_spiking("tutorial", cnn, NeuronParameters())


@pytest.fixture(scope="module")
def rows(cnn, tmp_path_factory) -> pd.DataFrame:
    """Rows of a network that is quoted at scale 1.5, to the end and with an exit at a lead of 2."""
    folder = tmp_path_factory.mktemp("ablation")
    points = ("plain", WHOLE, 1.5, None), ("plain", EARLY, 1.5, 2.0), ("other", "bptt", 3.0, None)
    write_choice(folder / "choice.csv", *points)
    network = folder / "network"
    save_weights(folder / "weights", "tutorial", cnn)
    convert(ConvertJob(folder / "weights", NeuronParameters(), network))
    store = folder / "events.npy", folder / "events.csv"
    store_recordings(RECORDINGS, *store)

    def measured(variant: str) -> pd.DataFrame:
        job = ProbeJob(
            probe="ablation",
            variant=variant,
            seed=1,
            network=network,
            choice=folder / "choice.csv",
            sets=[SetPlacement("test", {"": Placement()})],
            events=[store[0]],
            recorded=[store[1]],
            recordings=99,
            inference=InferenceSettings(),
            table=folder / "rows.csv",
        )
        measure_probe(job, quiet())
        return read_table(folder / "rows.csv", "probes")

    assert measured("third").empty
    return measured("plain")


def amount(rows: pd.DataFrame, condition: tuple[str, str], measure: str, method=WHOLE) -> float:
    by_key = rows.set_index(["method", "part", "value", "measure"])["amount"]
    return by_key[(method, *condition, measure)]


def as_run(rows: pd.DataFrame, condition, converted: SpikingNetwork, steps: list, timing="steps"):
    """Compare rows with a run of network and steps made another way, in steps by sinabs."""
    engine = "sinabs" if timing == "steps" else "own"
    responses = list(run(converted, 1.5, steps, 1, engine, timing=timing))
    synops = sum(response.synops for response in responses)
    assert amount(rows, condition, "synops_per_recording") == synops / len(steps)
    events = sum(len(recorded.step) for recorded in steps)
    assert amount(rows, condition, "synops_per_event") == synops / events
    right = [r.predicted == digit for digit, r in enumerate(responses)]
    assert amount(rows, condition, "accuracy") == np.mean(right)


def test_every_change_is_run_on_the_same_recordings(rows):
    names = list(dict.fromkeys(zip(rows["part"], rows["value"], strict=True)))
    # The base runs by events with a bound of -5.
    same = {("timing", "events"), ("lower bound", "-5"), ("weights", "int8, events")}
    assert names == [BASE, *(name for name in CHANGES if name not in same)]
    assert set(rows.loc[rows["measure"] == "recordings", "amount"]) == {4}
    assert rows.loc[rows["measure"] == "synops_per_recording", "amount"].nunique() > 8
    # What a study has already is left out, and its changes keep its settings.
    of_other = conditions(RunSettings("steps", 10.0, None), has_biases=False)
    assert {("timing", "steps of 10 ms"), ("lower bound", "none")}.isdisjoint(of_other)
    assert of_other["timing", "steps of 1 ms"] == RunSettings("steps", 1.0, None)
    assert of_other["timing", "events"] == RunSettings("events", 10.0, None)
    # Biases act once a step.
    of_biased = conditions(RunSettings("steps", 10.0, None), has_biases=True)
    assert {how.timing for how in of_biased.values()} == {"steps"}


def test_other_steps_and_bounds_are_those_of_sinabs_on_the_recordings(rows, converted):
    for value, step_us in (("1 ms", 1000), ("10 ms", 10_000)):
        steps = [recording.in_steps(step_us).steps for recording in RECORDINGS]
        as_run(rows, ("timing", f"steps of {value}"), converted, steps)
    as_run(rows, BASE, converted, steps, "events")
    other = converted.bounded(None)
    as_run(rows, ("lower bound", "none"), other, steps, "events")


def test_early_exit_counts_up_to_the_exit_under_each_change(rows, converted):
    for value, step_us in (("1 ms", 1000), ("10 ms", 10_000)):
        steps = [recording.in_steps(step_us).steps for recording in RECORDINGS]
        synops, right = [], []
        for digit, response in enumerate(run(converted, 1.5, steps, 1, "sinabs")):
            sums = np.cumsum(response.spikes, axis=0)
            ordered = np.sort(sums, axis=1)
            leads = np.flatnonzero(ordered[:, -1] - ordered[:, -2] >= 2)
            n = leads[0] + 1 if len(leads) else len(sums)
            synops.append(response.step_synops[:n].sum())
            right.append(sums[n - 1].argmax() == digit and sums[n - 1].any())
        condition = "timing", f"steps of {value}"
        assert amount(rows, condition, "synops_per_recording", EARLY) == np.mean(synops)
        assert amount(rows, condition, "accuracy", EARLY) == np.mean(right)
        assert np.mean(synops) < amount(rows, condition, "synops_per_recording")
