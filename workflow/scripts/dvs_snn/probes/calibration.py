"""The calibration: simulates zeros, measures them, and compares them with real recordings.

Its profile tells which parameters these real recordings determine, and how closely.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.files.shipped import read_shipped
from dvs_snn.files.tables import schema
from dvs_snn.probes.profile import profile_table
from dvs_snn.probes.quantities import (
    PX_PER_MNIST_PX,
    UNITS,
    Quantities,
    calibration_table,
    measure,
)
from dvs_snn.simulation.symbols import Symbols
from dvs_snn.simulation.takes import make_recording, nominal_conditions, nominal_sensor

SCENE = "mnist-dvs"
REAL_COLUMNS = ("scale", "quantity", "value", "n", "duration_s", "source", "licence")


def read_real_quantities(path: Path) -> pd.DataFrame:
    """Read `REAL_COLUMNS` of real MNIST-DVS recordings; StudyError if the file lacks any."""
    table = read_shipped(path, REAL_COLUMNS)
    for column, known in (("quantity", UNITS), ("scale", PX_PER_MNIST_PX)):
        unknown = [value for value in table[column].unique() if value not in known]
        if unknown:
            raise StudyError(
                f"{path}: {column} {unknown[0]}, expected one of {', '.join(map(str, known))}; "
                "correct the row"
            )
    return table


def calibrate(
    symbols: Symbols, simulation: dict, real_path: Path, seed: int, progress: Progress
) -> pd.DataFrame:
    """Return the calibration table: simulated zeros beside the shipped figures of real ones.

    Every test symbol of a zero gets a recording as long as the real ones, which also starts at the
    beginning of the path.
    """
    real = read_real_quantities(real_path)
    zeros = _zeros(symbols)
    with progress.bar(len(zeros) * real["scale"].nunique(), "recording", "zeros") as bar:
        measured = _measured(symbols, zeros, simulation, real, seed, bar.advance)
    return calibration_table(real, measured)


def profile(
    symbols: Symbols,
    simulation: dict,
    real_path: Path,
    calibration: pd.DataFrame,
    n_zeros: int,
    seed: int,
    progress: Progress,
) -> pd.DataFrame:
    """Return the profile of the calibration: see :func:`dvs_snn.probes.profile.profile_table`.

    Args:
        calibration: as :func:`calibrate` returns it.
        n_zeros: how many of its symbols each changed value is tried on, the first ones; with none
            the profile has no rows.
    """
    if not n_zeros:
        return pd.DataFrame(columns=list(schema("profile")))
    real, zeros = read_real_quantities(real_path), _zeros(symbols)[:n_zeros]

    def measured(changed: Mapping) -> dict[int, list[Quantities]]:
        return _measured(symbols, zeros, changed, real, seed)

    return profile_table(simulation, SCENE, calibration, measured, progress)


def _zeros(symbols: Symbols) -> list[str]:
    return [symbol for symbol in symbols.part("test") if symbols.label(symbol) == 0]


def _measured(
    symbols: Symbols,
    zeros: Sequence[str],
    simulation: Mapping,
    real: pd.DataFrame,
    seed: int,
    advance: Callable[[int], object] = lambda n: None,
) -> dict[int, list[Quantities]]:
    """Simulate the zeros at each scale of the real recordings, as long as these, and measure."""
    sensor = nominal_sensor(simulation, SCENE, seed)
    measured: dict[int, list[Quantities]] = {}
    for size, duration_s in real.groupby("scale")["duration_s"].first().items():
        nominal = nominal_conditions(simulation, SCENE, size)
        conditions = replace(nominal, duration_s=duration_s, phase=0.0)
        measured[size] = []
        for symbol in zeros:
            rng = generator(seed, "calibration", size, symbol)
            recording = make_recording(symbols.image(symbol), conditions, sensor, rng)
            measured[size].append(measure(recording, size))
            advance(1)
    return measured
