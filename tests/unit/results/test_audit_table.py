"""The audit's table: fresh counts beside shipped ones of the same spikes."""

import pandas as pd
import pytest

from dvs_snn.files.errors import StudyError
from dvs_snn.inference.counters import COUNT_COLUMNS, COUNTERS
from dvs_snn.results.audit import AUDIT_TABLE, audit_table, totals


def _rows(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [(counter, "1.0", layer, synops) for counter, layer, synops in rows],
        columns=list(COUNT_COLUMNS),
    )


FRESH = _rows(("ours", "conv1", 20.0), ("ours", "all", 20.0), ("tutorial", "all", 30.0))
SHIPPED = _rows(
    ("NeuroBench", "conv1", 5.0), ("NeuroBench", "all", 5.0), ("ours", "conv1", 20.0),
    ("ours", "all", 20.0), ("spikingjelly", "all", 0.0),
)  # fmt: skip


def test_shipped_counts_stand_beside_fresh_ones_with_their_ratio_to_ours():
    table = audit_table(FRESH, SHIPPED)
    assert list(table.columns) == list(AUDIT_TABLE)
    shown = table[["counter", "layer", "ratio", "measured"]].to_numpy().tolist()
    assert shown == [
        ["ours", "conv1", 1.0, "in this run"],
        ["ours", "all", 1.0, "in this run"],
        ["tutorial", "all", 1.5, "in this run"],
        ["NeuroBench", "conv1", 0.25, "shipped"],
        ["NeuroBench", "all", 0.25, "shipped"],
        ["spikingjelly", "all", 0.0, "shipped"],
    ]
    assert totals(table)["counter"].tolist() == ["ours", "tutorial", "NeuroBench", "spikingjelly"]
    assert table["includes_input"].tolist() == [1, 1, 0, 1, 1, 1]
    assert table["why"].tolist()[-1] == COUNTERS["spikingjelly"].why


def test_shipped_counts_of_other_spikes_are_refused_in_one_sentence():
    other = SHIPPED.assign(synops=SHIPPED["synops"] + 1)
    with pytest.raises(StudyError, match=r"ours counts 21 SynOps in layer conv1, expected 20 .*"):
        audit_table(FRESH, other)


def test_every_reason_is_plain_text():
    for name, counter in COUNTERS.items():
        assert counter.why.endswith("."), name
        assert all(len(s.split()) <= 25 for s in counter.why.split(". ")), name
