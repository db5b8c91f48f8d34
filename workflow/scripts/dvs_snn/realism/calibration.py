"""The simulated side of the calibration: recordings made to be measured, and the tables of both."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.events.recording import read_recording
from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.realism.quantities import Quantities, calibration_table, measure, read_real_quantities
from dvs_snn.realism.twins import (
    common_shift,
    event_map,
    half_of,
    map_correlation,
    paired_table,
    read_real_twins,
    real_twins,
    twin_record,
)
from dvs_snn.settings.set_names import REAL_TWINS, SACCADES_TEST
from dvs_snn.simulation.symbols import Symbols
from dvs_snn.simulation.takes import make_recording, nominal_conditions, nominal_sensor
from dvs_snn.sources.split import open_recording, read_split, split_row

SCENE = "mnist-dvs"
PREDICTION_QUANTITIES = ("accuracy_real", "accuracy_ours", "agreement")


def measure_zeros(
    symbols: Symbols,
    simulation: dict,
    durations_s: Mapping[int, float],
    seed: int,
    progress: Progress,
) -> dict[int, list[Quantities]]:
    """Measure simulated zeros, recorded from the beginning of the path as the real ones are.

    Args:
        durations_s: length of the real recording at each scale.

    Returns:
        The quantities of every zero of the test symbols, by scale.
    """
    zeros = [symbol for symbol in symbols.part("test") if symbols.label(symbol) == 0]
    sensor = nominal_sensor(simulation, SCENE, seed)
    measured: dict[int, list[Quantities]] = {}
    with progress.bar(len(zeros) * len(durations_s), "recording", "zeros") as bar:
        for scale, duration_s in durations_s.items():
            conditions = replace(
                nominal_conditions(simulation, SCENE, scale), duration_s=duration_s, phase=0.0
            )
            measured[scale] = []
            for symbol in zeros:
                rng = generator(seed, "calibration", scale, symbol)
                recording = make_recording(symbols.image(symbol), conditions, sensor, rng)
                measured[scale].append(measure(recording, scale))
                bar.advance(1)
    return measured


def calibrate(
    symbols: Symbols,
    simulation: dict,
    real_path: Path,
    seed: int,
    progress: Progress,
) -> pd.DataFrame:
    """Return the calibration table: simulated zeros against the real ones' shipped figures."""
    real = read_real_quantities(real_path)
    durations = real.groupby("scale")["duration_s"].first().to_dict()
    return calibration_table(real, measure_zeros(symbols, simulation, durations, seed, progress))


def list_real_twins(folder: Path, set_name: str) -> pd.DataFrame:
    """List the 1,000 real twins as a split table, under the symbols that they show."""
    rows = []
    for symbol, path in real_twins(folder).items():
        recording = read_recording(path)
        name = f"{symbol[0]}/{path.name}"
        rows.append(split_row(name, path, symbol, int(symbol[0]), set_name, recording, "saccades"))
    return pd.DataFrame(rows)


def _columns(records: list[dict], side: str) -> pd.DataFrame:
    table = pd.DataFrame(records).drop(columns="duration_s")
    return table.rename(columns={key: f"{side}_{key}" for key in table if key != "symbol"})


def _maps(split: pd.DataFrame, sensor_size: tuple[int, int]) -> dict[str, np.ndarray]:
    return {
        row.symbol: event_map(open_recording(row.file, row.sha256, sensor_size))
        for row in split.itertuples()
    }


def pair_counts(ours_path: Path, shipped_path: Path, sensor_size: tuple[int, int]) -> pd.DataFrame:
    """Return counts and ON shares of every pair, by symbol: ours and the shipped real ones."""
    split = read_split(ours_path)
    ours = [
        {"symbol": row.symbol}
        | twin_record(row.symbol, open_recording(row.file, row.sha256, sensor_size))
        for row in split.itertuples()
    ]
    pairs = _columns(ours, "ours").merge(
        _columns(read_real_twins(shipped_path).to_dict("records"), "real"), on="symbol"
    )
    return pairs.assign(label=pairs["symbol"].str[0].astype(int))


def with_map_correlations(
    pairs: pd.DataFrame, ours: Mapping[str, np.ndarray], real: Mapping[str, np.ndarray], seed: int
) -> pd.DataFrame:
    """Add the correlation of the event maps of each pair, and of a pair shuffled within its digit.

    One shift for all pairs is found on the odd half.
    """
    symbols = list(pairs["symbol"])
    odd = [symbol for symbol in symbols if half_of(symbol) == "odd"]
    shift = common_shift([real[s] for s in odd], [ours[s] for s in odd])
    rng = generator(seed, "shuffled maps")
    others = {}
    for _, part in pairs.groupby("label"):
        own = list(part["symbol"])
        # Turned by one place in a random order: no symbol is paired with itself.
        order = [own[index] for index in rng.permutation(len(own))]
        others |= dict(zip(order, order[1:] + order[:1], strict=True))
    return pairs.assign(
        map_correlation=[map_correlation(real[s], ours[s], shift) for s in symbols],
        map_correlation_shuffled=[
            map_correlation(real[others[s]], ours[s], shift) for s in symbols
        ],
    )


def pair_twins(
    ours_path: Path,
    real_path: Path | None,
    shipped_path: Path,
    predictions: pd.DataFrame,
    sensor_size: tuple[int, int],
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare every simulated twin with the real recording of the same symbol.

    Args:
        ours_path: split table of the set ``saccades-test``.
        real_path: split table of the set ``real-twins``; None where the recordings are absent.
        shipped_path: counts and rates of the real recordings.
        predictions: the study's predictions; used at the chosen scales where both sets are in it.

    Returns:
        The paired table, with `variant` and `seed` where a network is judged; and the pairs.
    """
    pairs = pair_counts(ours_path, shipped_path, sensor_size)
    if real_path is not None:
        ours_maps = _maps(read_split(ours_path), sensor_size)
        real_maps = _maps(read_split(real_path), sensor_size)
        pairs = with_map_correlations(pairs, ours_maps, real_maps, seed)
    else:
        pairs = pairs.assign(map_correlation=np.nan, map_correlation_shuffled=np.nan)
    parts = [paired_table(pairs, seed).assign(variant="", seed=pd.NA)]
    chosen = predictions[predictions["chosen"] == 1]
    if real_path is not None:
        for (variant, replicate), rows in chosen.groupby(["variant", "seed"]):
            read = {
                side: rows[rows["set"] == name].set_index("symbol")["predicted"].rename(
                    f"{side}_predicted"
                )
                for side, name in (("real", REAL_TWINS), ("ours", SACCADES_TEST))
            }  # fmt: skip
            judged = pairs.join(read["real"], on="symbol").join(read["ours"], on="symbol")
            table = paired_table(judged, seed)
            table = table[table["quantity"].isin(PREDICTION_QUANTITIES)]
            parts.append(table.assign(variant=variant, seed=replicate))
    return pd.concat(parts, ignore_index=True), pairs
