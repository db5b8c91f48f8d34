"""Networks read long recordings: what a reset, a leak and a bound do, and what is right when."""

import numpy as np
import pytest
import torch
from jobs import quiet
from small_networks import offered, random_steps, run, steps_of
from torch import nn

from dvs_snn.datasets.samples import BinnedRecording
from dvs_snn.datasets.step_store import open_steps, store_steps
from dvs_snn.inference.engines.event.layout import lay_out
from dvs_snn.inference.response import running_prediction
from dvs_snn.networks import architectures as model
from dvs_snn.networks.conversion import Converted
from dvs_snn.realism.drift.conditions import BASE, CHANGES, Condition, conditions, times_within
from dvs_snn.realism.drift.outcomes import DRIFT_OUTCOMES
from dvs_snn.realism.drift.reading import answers, pieces, read_long, readings
from dvs_snn.settings.conversion import NeuronParameters

STEP_MS = 10.0


def _one_layer() -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(4096, 10, bias=False), nn.ReLU())


@pytest.fixture
def converted():
    """Pixel (0, 0) excites class 3 by half a threshold, pixel (0, 1) inhibits it by three."""
    with offered(_one_layer, "one_layer") as name:
        cnn = model.build_network(name).eval()
        with torch.no_grad():
            cnn[1].weight.zero_()
            cnn[1].weight[3, 0], cnn[1].weight[3, 1] = 0.5, -3.0
        yield Converted(name, cnn, NeuronParameters(1.0, -5.0))


def _fired(converted: Converted, how: Condition, events, n_steps=200) -> list[int]:
    """Return the steps in which class 3 fires; no other class does."""
    steps = steps_of(events, n_steps)
    ((spikes, synops),) = answers(lay_out(converted), how, [steps], STEP_MS, 1)
    assert spikes.shape == (n_steps, 10)
    assert spikes.sum() == spikes[:, 3].sum()
    # Each event reaches ten outputs.
    assert synops.tolist() == [10 * n for n in np.bincount(steps.step, minlength=n_steps)]
    return np.flatnonzero(spikes[:, 3]).tolist()


def test_a_reset_each_second_forgets_what_came_before(converted):
    """Two events fire a spike, unless a full second ends between them."""
    events = [(99, 0, 0), (100, 0, 0), (150, 0, 0)]
    assert _fired(converted, Condition(-5.0), events) == [100]
    assert _fired(converted, Condition(-5.0, reset_s=1.0), events) == [150]


def test_a_leak_forgets_bit_by_bit(converted):
    """After 14 steps of 10 ms exp(-0.7) of a half is left, 0.248; a step later 0.712 of 0.748."""
    events = [(0, 0, 0), (14, 0, 0), (15, 0, 0)]
    assert _fired(converted, Condition(-5.0), events) == [14]
    assert _fired(converted, Condition(-5.0, leak_s=0.2), events) == [15]


def test_a_lower_bound_limits_how_long_inhibition_lasts(converted):
    """Two inhibiting events: to -6, or to a bound; then half a threshold a step up to 1."""
    events = [(0, 0, 1), (1, 0, 1), *((step, 0, 0) for step in range(2, 20))]
    for bound, first in ((None, 15), (-5.0, 13), (-1.0, 5), (-0.25, 4)):
        fired = _fired(converted, Condition(bound), events, 20)
        assert fired[0] == first, bound


def test_pieces_hold_every_event_once_and_in_its_place():
    steps = random_steps(np.random.default_rng(3), 200, 250)
    cut = pieces(steps, 100)
    assert [one.n_steps for one in cut] == [100, 100, 50]
    joined = [one.dense(0, one.n_steps) for one in cut]
    np.testing.assert_array_equal(np.concatenate(joined), steps.dense(0, 250))


def test_every_change_is_tried_but_the_one_that_the_network_has():
    assert conditions(-5.0).keys() == {BASE, *CHANGES}
    assert conditions(-1.0).keys() == {BASE, *CHANGES} - {("lower bound", "-1")}
    assert conditions(None).keys() == {BASE, *CHANGES} - {("lower bound", "none")}
    assert conditions(-5.0)["leak", "1 s"] == Condition(-5.0, leak_s=1.0)


def test_times_are_those_that_a_recording_reaches():
    assert times_within(5.0) == [0.3, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert times_within(1.0) == [0.3, 0.5, 1.0]


def test_both_readings_at_each_time_by_hand():
    """The digit 2 is told at 0.1 s and 1.8 s, the wrong 7 three times from 0.4 s to 0.7 s."""
    spikes = np.zeros((350, 10), dtype=int)
    spikes[[10, 19, 180, 190], 2] = 1
    spikes[[40, 60, 70], 7] = 1
    recording = BinnedRecording("8/2/x", "2/0001", 2, "", steps_of([], 350), 0, 3.5)
    rows = list(readings(recording, (spikes, np.full(350, 2)), STEP_MS))
    assert [row["time_s"] for row in rows] == [0.3, 0.5, 1.0, 2.0, 3.0]
    # Two against none, one, three; then four against three.
    assert [row["all"] for row in rows] == [1, 1, 0, 1, 1]
    # From 0.2 s and from 0.7 s on 7 alone; from 1.7 s on 2 alone; from 2.7 s on nothing.
    assert [row["recent"] for row in rows] == [1, 0, 0, 1, 0]
    assert [row["synops"] for row in rows] == [60, 100, 200, 400, 600]
    assert {(row["size"], row["symbol"]) for row in rows} == {(8, "2/0001")}


def test_a_network_reads_each_recording_under_each_condition(converted, tmp_path):
    rng = np.random.default_rng(4)
    recordings = [
        BinnedRecording(f"{size}/3/{size}", f"3/{size}", label, "",
                        random_steps(rng, 300, 50, 1), 0, 0.5)
        for size, label in ((4, 3), (16, 5))
    ]  # fmt: skip
    paths = tmp_path / "s.npy", tmp_path / "s.csv"
    store_steps(recordings, *paths)
    key = {"variant": "plain", "seed": 1, "method": "rescaled"}
    for threads in (1, 2):
        table = read_long(converted, 1.0, open_steps(*paths), STEP_MS, threads, quiet(), **key)
        assert list(table) == list(DRIFT_OUTCOMES)
        assert len(table) == 2 * 2 * (1 + len(CHANGES))
        # It says 3, whatever it is shown.
        assert (table["all"] == (table["symbol"] == "3/4")).all()
    assert table.groupby("size")["symbol"].unique().explode().to_dict() == {4: "3/4", 16: "3/16"}
    # The base is the network as any engine runs it.
    (response, _) = run(converted, 1.0, [one.steps for one in recordings], 1, "sinabs")
    assert running_prediction(response.spikes)[49] == 3
    base = table[(table["part"] == "base") & (table["size"] == 4)]
    sums = np.cumsum(response.step_synops)
    assert base["synops"].tolist() == [sums[29], sums[49]]
