"""What an operation costs on published chips: ``chips.csv``.

Chips come from ``workflow/data/chips.tsv``. A row of the kind `measured` gives power, spikes and
fan-out; the energies follow from them here. A row of the kind `printed` gives the energy of a SynOp
as its source prints it. A row of the kind `digits` gives the energy of an image of MNIST.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from dvs_snn.files.tables import schema

MEASURED = "measured"
PRINTED = "printed"
ADDITION = "addition"
MAC = "mac"
DIGITS = "digits"
SYNOP_KINDS = (MEASURED, PRINTED)
"""Kinds of rows that tell the energy of a chip's SynOp."""

_ROUNDED = 0.01
"""The ends of the band are rounded: figures this near to one, as a share, count as within it."""

WITHIN = "within"


def read_chips(path: Path) -> pd.DataFrame:
    """Read ``workflow/data/chips.tsv``, `published_chips`; an empty cell of text is the text ""."""
    columns = schema("published_chips").items()
    text = {name: "str" for name, column in columns if column.kind == "text"}
    return pd.read_csv(path, sep="\t", dtype=text).fillna(dict.fromkeys(text, ""))


def place_in_band(low: float, high: float, band: Sequence[float]) -> str:
    """Say where a range of energies lies by the band of energies that the study assumes."""
    first, last = band
    if high < first * (1 - _ROUNDED):
        return "below"
    if low > last * (1 + _ROUNDED):
        return "above"
    return "from within to above" if high > last * (1 + _ROUNDED) else WITHIN


def chips_table(chips: pd.DataFrame, band: Sequence[float]) -> pd.DataFrame:
    """Return ``chips.csv``: what an operation costs, and which chips lie in the `band` (pJ).

    The energy of a spike is (power - static power) x time / spikes. Divided by the synapses that a
    spike reaches, it is the energy of a SynOp. Layers differ in fan-out, so this gives a range. A
    printed energy is both ends of its range.
    """
    table = chips.reset_index(drop=True)
    # 1 mW x 1 s = 1e6 nJ; 1 nJ = 1000 pJ.
    per_spike = (table["power_mw"] - table["static_mw"]) * table["seconds"] * 1e6 / table["spikes"]
    printed = table["pj_per_op"]
    table = table.assign(
        nj_per_spike=per_spike,
        pj_low=printed.fillna(per_spike * 1e3 / table["fanout_high"]),
        pj_high=printed.fillna(per_spike * 1e3 / table["fanout_low"]),
    )
    places = [
        place_in_band(row.pj_low, row.pj_high, band) if row.kind in SYNOP_KINDS else ""
        for row in table.itertuples()
    ]
    return table.assign(band=places)[list(schema("chips"))]
