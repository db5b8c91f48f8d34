"""The counters of SynOps that the audit compares: what each of them counts, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version

import pandas as pd

from dvs_snn.files.tables import Column

ALL = "all"
"""In the column `layer`: the whole network."""
OURS = "ours"

COUNT_COLUMNS = {
    "counter": Column("text", "", "who counts"),
    "version": Column("text", "", "version of the library that counts, empty for our own counts"),
    "layer": Column("text", "", "layer that the spikes arrive at, or `all`"),
    "synops": Column("number", "SynOps", "operations that this counter counts"),
}
SHIPPED_COLUMNS = {"spikes": Column("text", "", "`recording` or `example`"), **COUNT_COLUMNS}
"""The columns of `workflow/data/audit.csv`."""

EXACT, EACH, WHOLE = "exact", "each", "whole"


@dataclass(frozen=True)
class Counter:
    """What a counter counts.

    Attributes:
        why: why it differs from ours, or what it does to agree; a sentence of plain text.
        library: its distribution on PyPI; "" for our own counts.
        includes_input: whether it counts the events that arrive at the first layer.
        edges: which synapses it counts at the border of a map.
        pool: what becomes of the spikes of an average pool's window.
        multi_spikes: how it counts several spikes of a neuron in one step.
    """

    why: str
    library: str = ""
    includes_input: bool = True
    edges: str = EXACT
    pool: str = WHOLE
    multi_spikes: str = EACH


COUNTERS = {
    OURS: Counter("The study's count, over the spikes of the event engine."),
    "brute force": Counter(
        "No difference. It visits every receiving neuron, each of its weights and each pooled "
        "pixel, and adds the spikes there up."
    ),
    "tutorial": Counter(
        "Spikes times output channels times kernel area. It leaves out the input layer, and counts "
        "synapses beyond the border and spikes that a pool drops.",
        includes_input=False,
        edges="ignored",
        pool="whole, dropped ones too",
    ),
    "sinabs hooks": Counter(
        "No difference. The hooks tell a mean per time step; here it is multiplied by the steps.",
        "sinabs",
    ),
    "sinabs layer statistics": Counter("No difference.", "sinabs"),
    "sinabs model statistics": Counter(
        "Its sum leaves out the factor for average pools that the layer statistics have: a spike "
        "that passes a pool of 2×2 counts a quarter.",
        "sinabs",
        pool="1 / area",
    ),
    "NeuroBench": Counter(
        "It makes inputs binary: several spikes of a neuron in a step, or of a pool's window, "
        "count once. Its effective MACs and ACs are added up here.",
        "neurobench",
        pool="once a window",
        multi_spikes="once a step",
    ),
    "NeuroBench (unrolled)": Counter(
        "No difference: each layer got its spikes one by one, in binary steps, with pools as sums.",
        "neurobench",
    ),
    "spikingjelly": Counter(
        "A layer counts 0 unless all of its inputs are 0 or 1. Here neurons fire several times in "
        "a step, and pools give fractions.",
        "spikingjelly",
        pool="counts 0",
        multi_spikes="counts 0",
    ),
    "spikingjelly (unrolled)": Counter(
        "No difference: each layer got its spikes one by one, in binary steps, with pools as sums.",
        "spikingjelly",
    ),
}


def by_layer(names: Iterable[str], synops: Iterable[float]) -> dict[str, float]:
    """Return the SynOps of each layer, and their sum as `all`."""
    found = dict(zip(names, synops, strict=True))
    return {**found, ALL: sum(found.values())}


def count_rows(counts: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """Return counts, by counter and layer, as rows of `COUNT_COLUMNS`."""
    rows = []
    for counter, found in counts.items():
        library = COUNTERS[counter].library
        number = version(library) if library else ""
        rows += [(counter, number, layer, float(synops)) for layer, synops in found.items()]
    return pd.DataFrame(rows, columns=list(COUNT_COLUMNS))
