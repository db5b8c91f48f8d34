"""Our SynOps of one fixed recording and of an example: by hand and by sinabs."""

import re
from pathlib import Path

import pytest
from audited import ALL, arrivals, example, own_counts, recording

from dvs_snn.networks.synops import fanout_map

PAGE = Path(__file__).parents[3] / "docs/synops.md"
MATERIALS = {"recording": recording, "example": example}


@pytest.fixture(scope="module", params=MATERIALS)
def counts(request) -> dict[str, dict[str, float]]:
    """SynOps by counter and layer."""
    return own_counts(MATERIALS[request.param])


def test_our_count_is_that_of_sinabs(counts):
    for counter in ("sinabs hooks", "sinabs layer statistics"):
        assert counts[counter] == counts["ours"], counter
    assert min(counts["ours"].values()) > 0


def test_the_counts_are_those_worked_out_by_hand_and_those_of_the_fixed_recording():
    """4 events meet 1, 3 and twice 9 windows; 10 spikes reach 3 neurons each."""
    assert own_counts(example)["ours"] == {"conv1": 22, "fc1": 30, ALL: 52}
    counts = own_counts(recording)
    assert counts["ours"][ALL] == 16_797_036
    assert counts["tutorial"][ALL] == 17_222_276
    assert counts["sinabs model statistics"][ALL] == 4_740_816


def test_the_page_tells_what_every_counter_counts(counts):
    """Rows of libraries that need packages of their own are left to `benchmarks/counters.py`."""
    layers = list(counts["ours"])
    header = re.escape(" | ".join(["| counter", *layers]) + " |")
    (table,) = re.findall(
        rf"^{header}\n\|-.*\n((?:\|.*\n)+)", PAGE.read_text(encoding="utf-8"), re.M
    )
    rows = {
        counter.strip(): {
            layer: float(cell.replace(",", ""))
            for layer, cell in zip(layers, cells, strict=True)
            if cell.strip()
        }
        for counter, *cells in (line.strip("|").split("|") for line in table.splitlines())
    }
    assert {name: rows[name] for name in counts} == counts


def test_the_recording_has_all_that_counters_differ_in():
    audited = recording()
    found = arrivals(audited)
    for arrival, activity in zip(found, audited.activities, strict=True):
        # The event engine and sinabs send the same spikes.
        assert int(arrival.spikes.sum()) == activity.spikes_in
        assert arrival.spikes.max() > 1
        # Sinabs' means over time are exact up to here.
        assert activity.synops < 2**24
        assert (arrival.module.weight != 0).all()
    fanouts = [fanout_map(layer) for layer in audited.layers]
    at_the_border = [
        (arrival.spikes.sum(0).numpy() * (fanout < fanout.max())).sum()
        for arrival, fanout in zip(found[:3], fanouts, strict=False)
    ]
    assert min(at_the_border) > 0
    # The pool before conv3 drops the last row and column of 29.
    assert found[2].spikes[..., -1, :].sum() > 0
    assert found[2].layer.pools[0].output_shape[1:] == (14, 14)
