"""Every energy of ``energy.csv``, recomputed from points, layers and the price's row alone."""

import csv
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dvs_snn.energy.energy_table import EnergyJob, asked_points, energy_table, price_points
from dvs_snn.energy.price import flat_prices, read_prices, study_price
from dvs_snn.files.tables import read_table, schema, write_table
from dvs_snn.points.point import ALL_MACS, CHOSEN, EQUAL, NONZERO_MACS, SYNOPS
from dvs_snn.settings.set_names import TEST, VALIDATION
from dvs_snn.settings.sides import CNN, SPIKING
from dvs_snn.settings.sweep import Power

SHIPPED = Path(__file__).parents[3] / "workflow/data"
PAGE = Path(__file__).parents[3] / "docs/synops.md"
POWER = Power(static_power_mw=1.5)
PRICES = [*read_prices(SHIPPED / "energy_models.tsv"), *flat_prices(POWER)]
SEEDS = (1, 2)
N_RECORDINGS = 50
RECORDING_MS = 300.0

NETWORK = pd.DataFrame(
    {
        "layer": ["conv1", "fc1"],
        "kind": ["conv", "linear"],
        "output_shape": ["2x3x3", "10"],
        "fanout_nominal": [18, 10],
        "n_inputs": [25, 18],
        "n_outputs": [18, 10],
        "weights": [18, 180],
        "fanout_mean_exact": [11.0, 10.0],
        "macs": [162, 180],
    }
)
POINTS = {
    "early-exit": (SPIKING, "lean", 1.0, 8.0, "", SYNOPS),
    "rescaled": (SPIKING, "plain", 2.0, np.nan, "", SYNOPS),
    "sparse-cnn": (CNN, "lean", 0.84, 2.0, "1000 events", NONZERO_MACS),
    "cnn": (CNN, "plain", 1.0, np.nan, "3000 events", ALL_MACS),
}
"""By method one chosen point: side, variant, scale, exit, frames, counted."""

NAMES = ["side", "variant", "scale", "exit", "frames", "counted"]


def layers_of(method: str, seed: int) -> pd.DataFrame:
    """What both layers did in all recordings of the test set, made up from the names."""
    side, variant, scale, lead, frames, _ = POINTS[method]
    random = np.random.default_rng([seed, *method.encode()])
    counts = {name: random.integers(100, 10_000, 2) for name in ("inputs", "operations")}
    if side == SPIKING:
        counts |= {name: random.integers(100, 10_000, 2) for name in ("outputs", "touched")}
    else:
        counts["n_frames"] = random.integers(50, 200)
    rows = pd.DataFrame({"layer": NETWORK["layer"], **counts})
    return rows.assign(
        set=TEST, variant=variant, seed=seed, scale=scale, timing="", frames=frames, side=side,
        exit=lead, n_recordings=N_RECORDINGS, n_events=int(random.integers(10_000, 90_000)),
    ).reindex(columns=list(schema("stop_layers")))  # fmt: skip


def counted_of(layers: pd.DataFrame, counted: str) -> float:
    """Operations of a reading, as the point counts them."""
    if counted == ALL_MACS:
        return layers["n_frames"].iloc[0] * NETWORK["macs"].sum() / N_RECORDINGS
    return layers["operations"].sum() / N_RECORDINGS


def made_points() -> pd.DataFrame:
    """Rows of ``points.csv`` of the test set: by training and as means, and one not chosen."""
    rows = []
    for place, (method, point) in enumerate(POINTS.items()):
        key = {"set": TEST, "method": method, **dict(zip(NAMES, point, strict=True))}
        of_seeds = []
        for seed in SEEDS:
            operations = counted_of(layers_of(method, seed), key["counted"])
            measured = {"operations_per_reading": operations, "accuracy": 0.9 + 0.01 * seed}
            measured["time_to_exit_ms"] = RECORDING_MS if np.isnan(key["exit"]) else 30.0 * seed
            of_seeds.append({**key, "seed": seed, "n_seeds": 1, "chosen": 1, **measured})
        mean = pd.DataFrame(of_seeds)[
            ["operations_per_reading", "accuracy", "time_to_exit_ms"]
        ].mean()
        rows += [*of_seeds, {**key, "n_seeds": 2, "chosen": 1, **mean}]
        rows.append({**rows[-1], "scale": 7.0 + place, "chosen": 0})
        # Validation chose them; what they cost there is no result.
        rows.append({**rows[-2], "set": VALIDATION})
    table = pd.DataFrame(rows).assign(recording_ms=RECORDING_MS)
    return table.reindex(columns=list(schema("points")))


def made_equal() -> pd.DataFrame:
    """Both sides at 95 %, on fronts whose next more accurate points are the chosen ones."""
    rows = []
    for method, of_point in (("any", "early-exit"), ("sparse-cnn", "sparse-cnn")):
        point = dict(zip(NAMES, POINTS[of_point], strict=True))
        ends = {
            f"operations_per_reading{end}": 100.0 * n
            for n, end in ((2, ""), (1, "_low"), (3, "_high"))
        }
        row = {"set": TEST, "at": EQUAL, "accuracy": 0.95, "method": method, "exits": 1}
        rows.append({**row, **point, **ends, "time_to_exit_ms": 44.0, "n_seeds": 2})
    # A method alone isn't priced, nor is a chosen point.
    rows.append({**rows[0], "method": "synop-loss"})
    rows.append({**rows[0], "at": CHOSEN})
    return pd.DataFrame(rows).reindex(columns=list(schema("equal_accuracy")))


def made_layers() -> pd.DataFrame:
    return pd.concat([layers_of(method, seed) for method in POINTS for seed in SEEDS])


def priced(layers: pd.DataFrame) -> pd.DataFrame:
    kinds = {"scale": float, "exit": float}
    asked = asked_points(made_points(), made_equal(), layers.astype(kinds), NETWORK)
    return energy_table(asked, PRICES)


def rows_of_prices() -> dict[str, dict[str, float]]:
    """The cells of the shipped table and of the flat prices, read without the study's code."""
    with open(SHIPPED / "energy_models.tsv", encoding="utf-8", newline="") as file:
        rows = {row["model"]: row for row in csv.DictReader(file, delimiter="\t")}
    is_number = lambda name: name.endswith("_pj") or name in ("all_macs", "idle_mw")  # noqa: E731
    prices = {
        model: {name: float(cell) for name, cell in row.items() if is_number(name)}
        for model, row in rows.items()
    }
    nothing = dict.fromkeys(next(iter(prices.values())), 0.0)
    for model, pj in (
        ("flat", POWER.energy_per_synop_pj),
        ("flat, lowest of the band", POWER.energy_band_pj[0]),
        ("flat, highest of the band", POWER.energy_band_pj[1]),
    ):
        prices[model] = nothing | {"synop_pj": pj, "mac_pj": pj, "idle_mw": 1.5}
    return prices


def slow_uj(layers: pd.DataFrame, side: str, counted: str, pj: dict[str, float]) -> float:
    """What a reading costs without idle power, one layer and one term after the other."""
    total = 0.0
    for done, shape in zip(layers.itertuples(), NETWORK.itertuples(), strict=True):
        is_conv = shape.kind == "conv"
        if side == SPIKING:
            total += pj["synop_pj"] * done.operations
            total += pj["spike_in_pj"] * done.inputs
            total += pj["spike_out_pj"] * done.outputs
            total += pj["touched_pj"] * done.touched
            total += pj["address_pj"] * done.inputs * shape.fanout_nominal * is_conv
            total += pj["conv_spike_pj"] * done.inputs * is_conv
            continue
        charges_all = counted == ALL_MACS or pj["all_macs"]
        total += pj["mac_pj"] * (done.n_frames * shape.macs if charges_all else done.operations)
        total += pj["output_pj"] * done.n_frames * shape.n_outputs
        total += pj["input_pj"] * done.n_frames * shape.n_inputs
        total += pj["weight_pj"] * done.n_frames * shape.weights
        total += pj["mac_address_pj"] * done.n_frames * shape.fanout_nominal * is_conv
    if side == CNN:
        total += pj["event_pj"] * layers["n_events"].iloc[0]
    return 1e-6 * total / N_RECORDINGS


def test_every_energy_is_that_of_points_layers_and_the_row_of_its_price():
    table = priced(made_layers())
    prices = rows_of_prices()
    assert set(table["model"]) == set(prices)
    n_idle = {model: len({0.0, 0.42, pj["idle_mw"]}) for model, pj in prices.items()}
    # Four chosen points, and both sides at equal accuracy.
    assert len(table) == (4 + 2) * sum(n_idle.values())

    for row in table[table["at"] == CHOSEN].to_dict("records"):
        pj = prices[row["model"]]
        of_seeds = []
        for seed in SEEDS:
            layers = layers_of(row["method"], seed)
            ms = RECORDING_MS if np.isnan(row["exit"]) else 30.0 * seed
            uj = slow_uj(layers, row["side"], row["counted"], pj)
            energy = uj + row["idle_mw"] * ms
            of_stream = uj / RECORDING_MS + row["idle_mw"]
            of_seeds.append((uj, row["idle_mw"] * ms, energy, energy / ms, of_stream))
        uj, idle, energy, while_reading, of_stream = np.mean(of_seeds, axis=0)
        assert row["operations_uj"] == pytest.approx(uj)
        assert row["idle_uj"] == pytest.approx(idle)
        assert row["energy_per_reading_uj"] == pytest.approx(energy)
        energies = [each[2] for each in of_seeds]
        ends = (row["energy_low"], row["energy_high"])
        assert ends == pytest.approx((min(energies), max(energies)))
        assert row["power_while_reading_mw"] == pytest.approx(while_reading)
        assert row["power_of_stream_mw"] == pytest.approx(of_stream)

    of_method = {"any": "early-exit", "sparse-cnn": "sparse-cnn"}
    for row in table[table["at"] == EQUAL].to_dict("records"):
        pj = prices[row["model"]]
        method = of_method[row["method"]]
        layers = [layers_of(method, seed) for seed in SEEDS]
        spent = np.mean([slow_uj(each, row["side"], row["counted"], pj) for each in layers])
        counted = np.mean([counted_of(each, row["counted"]) for each in layers])
        idle = row["idle_mw"] * 44.0
        per_operation = spent / counted
        assert row["operations_uj"] == pytest.approx(200 * per_operation)
        assert row["energy_per_reading_uj"] == pytest.approx(200 * per_operation + idle)
        assert row["energy_low"] == pytest.approx(100 * per_operation + idle)
        assert row["energy_high"] == pytest.approx(300 * per_operation + idle)


def test_both_sides_stand_at_the_same_idle_powers():
    table = priced(made_layers())
    for (at, model), rows in table.groupby(["at", "model"]):
        by_side = rows.groupby("side")["idle_mw"].agg(lambda powers: sorted(set(powers)))
        assert by_side[SPIKING] == by_side[CNN], (at, model)
        assert {0.0, 0.42} <= set(by_side[CNN])


def test_where_no_layers_were_counted_rows_that_need_them_are_absent_and_none_is_zero():
    """As with an engine that doesn't count what each layer of a spiking network does."""
    layers = made_layers()
    table = priced(layers[layers["side"] == CNN])
    needing = {price.model for price in PRICES if not price.needs_operations_alone}
    of_spiking = table[table["side"] == SPIKING]
    assert not needing & set(of_spiking["model"])
    assert {"flat", "arithmetic, int8"} <= set(of_spiking["model"])
    assert needing <= set(table.loc[table["side"] == CNN, "model"])
    assert (table["operations_uj"] > 0).all()


def test_a_study_without_sets_has_chips_and_no_energies(tmp_path):
    for name in ("points", "equal_accuracy", "network"):
        empty = pd.DataFrame(columns=list(schema(name)))
        write_table(empty, tmp_path / f"{name}.csv", name)
    outputs = {name: tmp_path / f"{name}.out.csv" for name in ("chips", "energy")}
    job = EnergyJob(
        points=tmp_path / "points.csv",
        equal_accuracy=tmp_path / "equal_accuracy.csv",
        network=tmp_path / "network.csv",
        stop_layers=[],
        prices=SHIPPED / "energy_models.tsv",
        published_chips=SHIPPED / "chips.tsv",
        power=POWER,
        outputs=outputs,
    )
    price_points(job)
    assert read_table(outputs["energy"], "energy").empty
    assert len(read_table(outputs["chips"], "chips")) > 0


def test_the_page_on_synops_has_the_energies_that_the_table_holds():
    """2.4 million SynOps within 120 of a recording's 300 ms, as the page's example."""
    key = dict(zip(NAMES, POINTS["early-exit"], strict=True))
    row = {"set": TEST, "method": "early-exit", **key, "chosen": 1, "accuracy": 1.0}
    row |= {"operations_per_reading": 2.4e6, "time_to_exit_ms": 120.0, "recording_ms": 300.0}
    points = pd.DataFrame([{**row, "seed": 1, "n_seeds": 1}, {**row, "n_seeds": 1}])
    points = points.reindex(columns=list(schema("points")))
    equal = pd.DataFrame(columns=list(schema("equal_accuracy")))
    layers = made_layers().astype({"scale": float, "exit": float})
    asked = asked_points(points, equal, layers[:0], NETWORK)
    table = energy_table(asked, [study_price(Power())]).set_index("idle_mw")
    shown = re.findall(
        r"^\| `(\w+)` \| ([\d.]+) \| ([\d.]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(shown) >= 3
    for name, *cells in shown:
        assert table.loc[[0.0, 0.42], name].tolist() == pytest.approx([float(c) for c in cells])
