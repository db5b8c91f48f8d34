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
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dvs_snn.analysis.budgets import STATIC_MW
from dvs_snn.analysis.power import MEMORY_SYNOP_PJ, EnergyModel, energy_uj
from dvs_snn.analysis.trials import SPARSE_CNN
from dvs_snn.files.tables import read_table, schema, write_table
from dvs_snn.networks.synops import NONZERO
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sweep import Power

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
OURS = "ours"
PUBLISHED = "published"
SPIKING = "spiking network"
CNN = "CNN"
STUDY_PRICE = "the study's"

POINT = ["set", "method", "variant", "scale", "exit"]
"""Columns that name a point on a set."""

_SYNOPS = "synops_per_3000_events"


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
    table = chips[chips["kind"] != DIGITS].reset_index(drop=True)
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


def _quoted_points(front: pd.DataFrame) -> Iterator[tuple[pd.Series, pd.DataFrame]]:
    """Yield the mean over trainings, and the trainings, of each quoted point of a test set."""
    is_quoted = (front["chosen"] == 1) & (front["set"] != VALIDATION) & front["scale"].notna()
    for _, rows in front[is_quoted].groupby(POINT, sort=False, dropna=False):
        is_mean = rows["seed"].isna()
        yield rows[is_mean].iloc[0], rows[~is_mean]


def costs_table(front: pd.DataFrame, power: Power, chips: pd.DataFrame) -> pd.DataFrame:
    """Return ``costs.csv``: a row per quoted point, set and static power, then `published_chips`.

    The study's static power stands beside none and Speck's floor.
    """
    statics = sorted({*STATIC_MW, float(power.static_power_mw)})
    rows = []
    for mean, trainings in _quoted_points(front):
        key = {
            **mean,
            "kind": OURS,
            "n_seeds": trainings["seed"].nunique(),
            "source": "",
            "note": "",
            "readings_per_s": 1e3 / mean["recording_ms"],
        }
        rows += [key | _costs_of(mean, power, static) for static in statics]
    named = {"network": "set", "chip": "method", "energy_uj": "energy_per_reading_uj"}
    kept = [*named.values(), "accuracy", "source", "note"]
    published = chips[chips["kind"] == DIGITS].rename(columns=named)[kept]
    rows += published.assign(kind=PUBLISHED, variant="").to_dict("records")
    return pd.DataFrame(rows, columns=list(schema("costs")))


def _costs_of(mean: pd.Series, power: Power, static_mw: float) -> dict[str, float]:
    """Return what a reading costs at the study's energy of a SynOp and at the ends of its band."""
    synops = mean["synops_per_reading"]
    seconds = mean["time_to_exit_ms"] * 1e-3
    with_memory = EnergyModel(MEMORY_SYNOP_PJ, static_mw)
    row = {
        "static_mw": static_mw,
        "energy_with_memory_uj": energy_uj(synops, seconds, with_memory),
    }
    study_pj = power.energy_per_synop_pj
    low_pj, high_pj = power.energy_band_pj
    for price_pj, energy_end, power_end in (
        (study_pj, "_uj", "_mw"),
        (low_pj, "_low", "_low"),
        (high_pj, "_high", "_high"),
    ):
        model = EnergyModel(price_pj, static_mw)
        row[f"energy_per_reading{energy_end}"] = energy_uj(synops, seconds, model)
        for name in ("power_while_reading", "power"):
            dynamic_mw = mean[f"{name}_mw"] - power.static_power_mw
            row[name + power_end] = static_mw + dynamic_mw * price_pj / study_pj
    return row


def break_even_table(front: pd.DataFrame, power: Power, chips: pd.DataFrame) -> pd.DataFrame:
    """Return ``break_even.csv``: a row per quoted point, set and price; none without a CNN.

    Beside each point stands the CNN at the exit that validation chose, its MACs at activations that
    aren't 0: a sparse CNN if the study has one. The study's energy of a SynOp and the ends of its
    band are held against a float32 MAC. For each number format an addition, the arithmetic of a
    SynOp, is held against the MAC of that format.
    """
    macs = chips[chips["kind"] == MAC].set_index("chip")["pj_per_op"]
    additions = chips[chips["kind"] == ADDITION].set_index("chip")["pj_per_op"]
    low_pj, high_pj = power.energy_band_pj
    prices = [
        (STUDY_PRICE, float(power.energy_per_synop_pj), macs.max()),
        ("lowest of the band", float(low_pj), macs.max()),
        ("highest of the band", float(high_pj), macs.max()),
    ]
    prices += [(name, additions[name], macs[name]) for name in additions.index]

    rows = []
    for point, trainings in _quoted_points(front):
        cnn = stopping_cnn(front, point["set"])
        if cnn is None:
            continue
        n_macs = cnn[_SYNOPS]
        ratios = trainings[_SYNOPS] / n_macs
        for price, synop_pj, mac_pj in prices:
            breakeven_pj = synop_pj * point[_SYNOPS] / n_macs
            rows.append(
                {
                    **point[[*POINT, _SYNOPS]],
                    "n_seeds": len(ratios),
                    "cnn_method": cnn["method"],
                    "cnn_macs_per_3000_events": n_macs,
                    "synops_per_mac": point[_SYNOPS] / n_macs,
                    "synops_per_mac_low": ratios.min(),
                    "synops_per_mac_high": ratios.max(),
                    "price": price,
                    "synop_pj": synop_pj,
                    "mac_pj": mac_pj,
                    "breakeven_mac_pj": breakeven_pj,
                    "cheaper": SPIKING if mac_pj > breakeven_pj else CNN,
                }
            )
    return pd.DataFrame(rows, columns=list(schema("break_even")))


def stopping_cnn(front: pd.DataFrame, name: str | None) -> pd.Series | None:
    """Return the row of the CNN on a set, mean over the trainings, at the exit that was chosen.

    Its MACs are those at activations that aren't 0. A sparse CNN comes first; None without any.
    """
    rows = front[(front["set"] == name) & front["seed"].isna() & (front["chosen"] == 1)]
    rows = rows[(rows["macs"] == NONZERO) & rows["exit"].notna()]
    rows = rows.sort_values("method", ascending=False, key=lambda method: method == SPARSE_CNN)
    return rows.iloc[0] if len(rows) else None


@dataclass(frozen=True)
class CostsJob:
    """What the rule `costs` gives; `outputs` are the files of its three tables."""

    front: Path
    published_chips: Path
    power: Power
    outputs: dict[str, Path]


def write_costs(job: CostsJob) -> None:
    """Write the tables on energy: `chips`, `costs` and `break_even`."""
    chips = read_chips(job.published_chips)
    front = read_table(job.front, "front")
    tables = {
        "chips": chips_table(chips, job.power.energy_band_pj),
        "costs": costs_table(front, job.power, chips),
        "break_even": break_even_table(front, job.power, chips),
    }
    for name, table in tables.items():
        write_table(table, job.outputs[name], name)
