"""Counters of SynOps on the same spikes: the example by hand, and what ships."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dvs_snn.files.tables import read_table
from dvs_snn.inference.audit import arrivals, example, own_counts, recording
from dvs_snn.inference.counters import COUNTERS, SHIPPED_COLUMNS, count_rows
from dvs_snn.networks.synops import fanout_map

ROOT = Path(__file__).parents[3]
KEY = ["counter", "layer"]


@pytest.fixture(scope="module")
def shipped() -> pd.DataFrame:
    """Return the counts that ship, NeuroBench's and spikingjelly's among them."""
    return read_table(ROOT / "workflow/data/audit.csv", SHIPPED_COLUMNS)


@pytest.fixture(scope="module", params=["recording", "example"])
def fresh(request) -> tuple[str, pd.DataFrame]:
    make = {"recording": recording, "example": example}[request.param]
    return request.param, count_rows(own_counts(make))


def _numbers(block: str) -> np.ndarray:
    """Read a picture of numbers: a dot is 0."""
    return np.array([[float(cell) for cell in row.replace(".", "0").split()] for row in block])


def test_our_count_is_that_of_brute_force_and_of_sinabs(fresh):
    _, rows = fresh
    counts = rows.pivot(index="layer", columns="counter", values="synops")
    for counter in ("brute force", "sinabs hooks", "sinabs layer statistics"):
        assert counts[counter].tolist() == counts["ours"].tolist(), counter
    assert (counts["ours"] > 0).all()


def test_what_ships_is_what_is_counted_now(fresh, shipped):
    name, rows = fresh
    found = shipped[(shipped["spikes"] == name) & shipped["counter"].isin(rows["counter"])]
    pd.testing.assert_frame_equal(found[rows.columns].reset_index(drop=True), rows)


def test_every_counter_ships_its_counts_of_both_materials(shipped):
    for _, rows in shipped.groupby("spikes"):
        assert list(rows["counter"].drop_duplicates()) == list(COUNTERS)
    assert (
        (shipped["version"] != "")
        .eq(shipped["counter"].map(lambda n: COUNTERS[n].library != ""))
        .all()
    )


def test_the_page_tells_of_the_example_what_every_counter_counts(shipped):
    page = (ROOT / "docs/synops.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"^\| counter \|.*\n\|-.*\n((?:\|.*\n)+)", page, re.M)
    rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()]
    told = {
        (counter, layer): float(cell)
        for counter, *cells in rows
        for layer, cell in zip(("conv1", "fc1", "all"), cells, strict=True)
        if cell
    }
    counted = shipped[shipped["spikes"] == "example"].set_index(KEY)["synops"]
    assert told == counted.to_dict()


def test_the_pictures_of_the_example_show_its_pixels():
    page = (ROOT / "docs/synops.md").read_text(encoding="utf-8")
    first, second = re.findall(r"^```\n([^`]*)```$", page, re.M)
    numbers = [re.split(r" {3,}", line.strip()) for line in first.splitlines()[1:]]
    events, synapses, synops = (_numbers([line[i] for line in numbers]) for i in range(3))
    conv, linear = arrivals(example())
    np.testing.assert_array_equal(events, conv.spikes[0, 0])
    np.testing.assert_array_equal(synapses, fanout_map(conv.layer)[0])
    np.testing.assert_array_equal(synops, events * synapses)
    assert synops.sum() == 22
    lines = [re.split(r" {3,}", line.strip()) for line in second.splitlines()[1:]]
    shown = [
        [[float(x) for x in line[i].split()] for line in lines if i < len(line)] for i in range(3)
    ]
    np.testing.assert_array_equal(shown[0], linear.spikes[0, 0])
    np.testing.assert_array_equal(np.ravel(shown[1]), linear.counts[0])
    np.testing.assert_array_equal(np.ravel(shown[2]), linear.values[0])


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
