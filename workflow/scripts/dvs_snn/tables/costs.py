"""What an operation, a reading and a MAC cost: ``chips.csv``, ``costs.csv``, ``break_even.csv``.

Chips come from ``workflow/data/chips.tsv``. A row of the kind `measured` gives power, spikes and
fan-out; the energies follow from them here. A row of the kind `printed` gives the energy of a SynOp
as its source prints it.

On the same events the spiking network needs S SynOps and the CNN M MACs. At equal energy a MAC
costs S / M SynOps. So the spiking network is cheaper if a MAC costs more than S / M times the
energy of a SynOp. Only energies that count the same things can be compared: arithmetic with
arithmetic, a whole chip with a whole chip.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from dvs_snn.evaluation.power import MEMORY_SYNOP_PJ, EnergyModel, energy_uj
from dvs_snn.files.tables import read_table, schema, write_table
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sweep import Power
from dvs_snn.tables.budgets import STATIC_MW

MEASURED, PRINTED, ADDITION, MAC, DIGITS = "measured", "printed", "addition", "mac", "digits"
CHIP_MAC = "mac on a chip"
SYNOP_KINDS = (MEASURED, PRINTED)
"""Kinds of rows that tell the energy of a chip's SynOp."""

_ROUNDED = 0.01
"""The ends of the band are rounded: figures this near to one, as a share, count as within it."""

BELOW, WITHIN, ABOVE, BEYOND = "below", "within", "above", "from within to above"
OURS, PUBLISHED = "ours", "published"
SPIKING, CNN = "spiking network", "CNN"
STUDY_PRICE, LOW_PRICE, HIGH_PRICE = "the study's", "lowest of the band", "highest of the band"

POINT = ("set", "method", "variant", "scale")
"""Columns that name a point on a set."""

ENDS = "_low", "_high"
"""What columns at the ends of the band of energies end in."""

_SYNOPS, _MACS = "synops_per_3000_events", "ann_macs_per_3000_events"


def read_chips(path: Path) -> pd.DataFrame:
    """Read ``workflow/data/chips.tsv``, `published_chips`; an empty cell of text is the text ""."""
    columns = schema("published_chips").items()
    text = {name: "str" for name, column in columns if column.kind == "text"}
    return pd.read_csv(path, sep="\t", dtype=text).fillna(dict.fromkeys(text, ""))


def place_in_band(low: float, high: float, band: Sequence[float]) -> str:
    """Say where a range of energies lies by the band of energies that the study assumes."""
    if high < band[0] * (1 - _ROUNDED):
        return BELOW
    if low > band[1] * (1 + _ROUNDED):
        return ABOVE
    return BEYOND if high > band[1] * (1 + _ROUNDED) else WITHIN


def chips_table(chips: pd.DataFrame, band: Sequence[float]) -> pd.DataFrame:
    """Return ``chips.csv``: what an operation costs, and which chips lie in the `band` (pJ).

    The energy of a spike is (power - static power) x time / spikes. Divided by the synapses that a
    spike reaches, it is the energy of a SynOp. Layers differ in fan-out, so this gives a range. A
    printed energy is both ends of its range.
    """
    table = chips[chips["kind"] != DIGITS].reset_index(drop=True)
    # 1 mW x 1 s = 1e6 nJ; 1 nJ = 1000 pJ.
    per_spike = (table["power_mw"] - table["static_mw"]) * table["seconds"] * 1e6 / table["spikes"]
    low, high = (per_spike * 1e3 / table[f"fanout_{end}"] for end in ("high", "low"))
    printed = table["pj_per_op"]
    table = table.assign(
        nj_per_spike=per_spike, pj_low=printed.fillna(low), pj_high=printed.fillna(high)
    )
    places = [
        place_in_band(row.pj_low, row.pj_high, band) if row.kind in SYNOP_KINDS else ""
        for row in table.itertuples()
    ]
    return table.assign(band=places)[list(schema("chips"))]


def _quoted_points(evaluation: pd.DataFrame) -> Iterator[tuple[dict[str, object], pd.DataFrame]]:
    """Yield `POINT` and `n_seeds` of each quoted point, and its rows of ``evaluation.csv``.

    Validation, which chose the points, has none.
    """
    is_quoted = (evaluation["chosen"] == 1).fillna(False) & (evaluation["set"] != VALIDATION)
    for point, seeds in evaluation[is_quoted].groupby(list(POINT), sort=False):
        yield dict(zip(POINT, point, strict=True)) | {"n_seeds": len(seeds)}, seeds


def costs_table(front: pd.DataFrame, power: Power, chips: pd.DataFrame) -> pd.DataFrame:
    """Return ``costs.csv``: a row per quoted point, set and static power, then `published_chips`.

    The study's static power stands beside none and Speck's floor.
    """
    pj, study_mw = power.energy_per_synop_pj, power.static_power_mw
    at_prices = (pj, "_uj", "_mw"), *zip(power.energy_band_pj, ENDS, ENDS, strict=True)
    rows = []
    quoted = front[(front["chosen"] == 1) & (front["set"] != VALIDATION) & front["scale"].notna()]
    for _, point in quoted.groupby([*POINT, "exit"], sort=False, dropna=False):
        mean = point[point["seed"].isna()].iloc[0]
        synops, seconds = mean["synops_per_reading"], mean["time_to_exit_ms"] * 1e-3
        about = {**mean, "kind": OURS, "n_seeds": point["seed"].nunique(), "source": "", "note": ""}
        about["readings_per_s"] = 1e3 / mean["recording_ms"]
        for static in sorted({*STATIC_MW, float(study_mw)}):
            row = about | {"static_mw": static}
            for price, uj, mw in at_prices:
                model = EnergyModel(price, static)
                row[f"energy_per_reading{uj}"] = energy_uj(synops, seconds, model)
                for name in ("power_while_reading", "power"):
                    row[name + mw] = static + (mean[f"{name}_mw"] - study_mw) * price / pj
            model = EnergyModel(MEMORY_SYNOP_PJ, static)
            row["energy_with_memory_uj"] = energy_uj(synops, seconds, model)
            rows.append(row)
    named = {"network": "set", "chip": "method", "energy_uj": "energy_per_reading_uj"}
    kept = [*named.values(), "accuracy", "source", "note"]
    published = chips[chips["kind"] == DIGITS].rename(columns=named)[kept]
    rows += published.assign(kind=PUBLISHED, variant="").to_dict("records")
    return pd.DataFrame(rows, columns=schema("costs"))


def break_even_table(evaluation: pd.DataFrame, power: Power, chips: pd.DataFrame) -> pd.DataFrame:
    """Return ``break_even.csv``: a row per quoted point, set and price; none without CNN frames.

    The study's energy of a SynOp and the ends of its band are held against a float32 MAC. For each
    number format an addition, the arithmetic of a SynOp, is held against the MAC of that format.
    """
    macs, additions = (
        chips[chips["kind"] == kind].set_index("chip")["pj_per_op"] for kind in (MAC, ADDITION)
    )
    energies = map(float, (power.energy_per_synop_pj, *power.energy_band_pj))
    names = STUDY_PRICE, LOW_PRICE, HIGH_PRICE
    prices = [(name, synop, macs.max()) for name, synop in zip(names, energies, strict=True)]
    prices += [(name, additions[name], macs[name]) for name in additions.index]
    rows = []
    for point, seeds in _quoted_points(evaluation[evaluation[_MACS] > 0]):
        ratios = seeds[_SYNOPS].astype(float) / seeds[_MACS].astype(float)
        synops, n_macs = seeds[[_SYNOPS, _MACS]].astype(float).mean()
        about = point | {_SYNOPS: synops, _MACS: n_macs, "synops_per_mac": synops / n_macs}
        about |= {"synops_per_mac_low": ratios.min(), "synops_per_mac_high": ratios.max()}
        for name, synop_pj, mac_pj in prices:
            breakeven_pj = synop_pj * synops / n_macs
            row = about | {"price": name, "synop_pj": synop_pj, "mac_pj": mac_pj}
            cheaper = SPIKING if mac_pj > breakeven_pj else CNN
            rows.append(row | {"breakeven_mac_pj": breakeven_pj, "cheaper": cheaper})
    return pd.DataFrame(rows, columns=schema("break_even"))


def write_costs(
    evaluation: Path,
    front: Path,
    published_chips: Path,
    power: Power,
    outputs: dict[str, Path],
) -> None:
    """Write the tables on energy; `outputs` has the paths of `chips`, `costs` and `break_even`."""
    evaluated, chips = read_table(evaluation, "evaluation"), read_chips(published_chips)
    tables = {
        "chips": chips_table(chips, power.energy_band_pj),
        "costs": costs_table(read_table(front, "front"), power, chips),
        "break_even": break_even_table(evaluated, power, chips),
    }
    for name, table in tables.items():
        write_table(table, outputs[name], name)
