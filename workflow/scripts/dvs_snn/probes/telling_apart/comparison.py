"""The comparison of real recordings with simulated ones: by each statistic and by all together."""

from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.files.shipped import read_shipped
from dvs_snn.files.tables import schema
from dvs_snn.probes.sensor_changes import NOMINAL_CONDITION, distinct_settings
from dvs_snn.probes.telling_apart.statistics import STATISTICS, statistics_of
from dvs_snn.probes.telling_apart.two_samples import one_by_one, together
from dvs_snn.probes.twins import half_of
from dvs_snn.recordings.folders.split_table import open_recording, read_split
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.simulation.symbols import Symbols
from dvs_snn.simulation.takes import Take, nominal_sensor, nominal_take, set_takes

SCENE = "saccades"
WRONG_SYMBOLS = 250
"""Symbols of the odd half that each sensor that is wrong on purpose records."""

ALL = "all"
"""The classifier's row, beside the rows of single statistics."""


def read_real_statistics(path: Path) -> pd.DataFrame:
    """Read the real twins' shipped statistics, a row a symbol; StudyError on other columns."""
    return read_shipped(path, ("symbol", *STATISTICS)).set_index("symbol")


def by_half(
    real: pd.DataFrame, simulated: pd.DataFrame
) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame]]:
    """Yield the odd and the even half, each with the rows of the symbols that both tables have."""
    both = [symbol for symbol in simulated.index if symbol in real.index]
    for half in ("odd", "even"):
        own = [symbol for symbol in both if half_of(symbol) == half]
        yield half, real.loc[own], simulated.loc[own]


def compare(
    real: pd.DataFrame, simulated: pd.DataFrame, condition: tuple[str, str], seed: int
) -> Iterator[dict[str, object]]:
    """Yield rows of the table `realism` for the symbols that both tables have, each half by itself.

    The nominal sensor has a row for each statistic, a sensor that is wrong on purpose only `ALL`.

    Args:
        real, simulated: the `STATISTICS` by symbol.
        condition: part and change of the simulated sensor.
        seed: of classifier, folds and bootstrap.
    """
    names = STATISTICS if condition == NOMINAL_CONDITION else ()
    for half, left, right in by_half(real, simulated):
        if left.empty:
            continue
        row = {"half": half, "part": condition[0], "change": condition[1], "n": len(left)}
        found = {ALL: together(left.to_numpy(), right.to_numpy(), seed)}
        found |= {
            name: one_by_one(left[name].to_numpy(), right[name].to_numpy(), seed) for name in names
        }
        for name, separation in found.items():
            yield row | {
                "statistic": name,
                "auc": separation.auc,
                "auc_low": separation.low,
                "auc_high": separation.high,
                "real": left[name].median() if name in left else None,
                "simulated": right[name].median() if name in right else None,
            }


def _by_symbol(recordings: Iterable[tuple[str, EventRecording]]) -> pd.DataFrame:
    """Return the `STATISTICS` of recordings, a row each, by the name of its symbol."""
    rows = {symbol: statistics_of(recording) for symbol, recording in recordings}
    return pd.DataFrame.from_dict(rows, orient="index")


def _recorded(
    takes: Iterable[Take], symbols: Symbols, simulation: Mapping, seed: int
) -> Iterator[tuple[str, EventRecording]]:
    """Yield what the nominal sensor of these settings records."""
    sensor = nominal_sensor(simulation, SCENE, seed)
    for take in takes:
        yield take.symbol, nominal_take(take, symbols, simulation, sensor, seed)


def wrong_sensors(
    real: Container[str], symbols: Symbols, simulation: dict, seed: int, progress: Progress
) -> Iterator[tuple[tuple[str, str], Iterator[tuple[str, EventRecording]]]]:
    """Yield each sensor that is wrong on purpose, and its recordings of `WRONG_SYMBOLS` symbols."""
    takes = [take for take in set_takes(simulation, symbols, SCENE, "test")
             if take.symbol in real and half_of(take.symbol) == "odd"]  # fmt: skip
    order = generator(seed, "wrong sensors").permutation(len(takes))[:WRONG_SYMBOLS]
    takes = [takes[place] for place in sorted(order)]
    wrong = distinct_settings(simulation, SCENE)
    del wrong[NOMINAL_CONDITION]
    with progress.bar(len(wrong), "sensor", "wrong sensors") as bar:
        for condition, own in wrong.items():
            yield condition, _recorded(takes, symbols, own, seed)
            bar.advance(1)


def realism_table(
    ours_path: Path,
    shipped_path: Path,
    symbols: Symbols,
    simulation: dict,
    seed: int,
    progress: Progress,
) -> pd.DataFrame:
    """Return ``realism.csv``: how well simulated recordings of saccades are told from real ones.

    Args:
        ours_path: split table of the set ``saccades-test``.
        shipped_path: `STATISTICS` of the real recordings of the same symbols.
        symbols: the drawn digits, for the sensors that are wrong on purpose.
        simulation: the config's section, with the scene ``saccades`` and its sensor.
    """
    real = read_real_statistics(shipped_path)
    split = read_split(ours_path).itertuples()
    simulated = _by_symbol((row.symbol, open_recording(row)) for row in split)
    rows = list(compare(real, simulated, NOMINAL_CONDITION, seed))
    for condition, recordings in wrong_sensors(real.index, symbols, simulation, seed, progress):
        rows += compare(real, _by_symbol(recordings), condition, seed)
    return pd.DataFrame(rows, columns=list(schema("realism")))
