"""Our SynOps of one fixed recording and of an example: by hand and by sinabs."""

import re
from pathlib import Path

import pytest
from audited import example, own_counts, recording

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
