"""The calibration: simulates recordings, measures them, and sets them beside the real figures."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.realism.quantities import Quantities, calibration_table, measure
from dvs_snn.realism.real_quantities import read_real_quantities
from dvs_snn.simulation.symbols import Symbols
from dvs_snn.simulation.takes import make_recording, nominal_conditions, nominal_sensor

SCENE = "mnist-dvs"


def measure_zeros(
    symbols: Symbols,
    simulation: dict,
    durations_s: Mapping[int, float],
    seed: int,
    progress: Progress,
) -> dict[int, list[Quantities]]:
    """Measure simulated zeros, recorded from the beginning of the path as the real ones are.

    Args:
        durations_s: length of the real recording of each size.

    Returns:
        The quantities of every zero of the test symbols, by size.
    """
    zeros = [symbol for symbol in symbols.part("test") if symbols.label(symbol) == 0]
    sensor = nominal_sensor(simulation, SCENE, seed)
    measured: dict[int, list[Quantities]] = {}
    with progress.bar(len(zeros) * len(durations_s), "recording", "zeros") as bar:
        for size, duration_s in durations_s.items():
            conditions = replace(
                nominal_conditions(simulation, SCENE, size), duration_s=duration_s, phase=0.0
            )
            measured[size] = []
            for symbol in zeros:
                rng = generator(seed, "calibration", size, symbol)
                recording = make_recording(symbols.image(symbol), conditions, sensor, rng)
                measured[size].append(measure(recording, size))
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
