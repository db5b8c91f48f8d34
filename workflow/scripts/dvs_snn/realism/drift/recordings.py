"""Simulates long recordings of the scene ``mnist-dvs`` before its nominal sensor, in all sizes."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from dvs_snn.datasets.samples import BinnedRecording
from dvs_snn.datasets.step_store import store_steps
from dvs_snn.events.placement import placement_of
from dvs_snn.files.job import Progress
from dvs_snn.realism.idle_recordings import steps_from_start
from dvs_snn.simulation.symbols import Symbols
from dvs_snn.simulation.takes import Take, nominal_sensor, nominal_take

SCENE = "mnist-dvs"
SIZES = (4, 8, 16)
"""All sizes of MNIST-DVS, whatever sizes the scene's sets have."""


def drift_takes(symbols: Symbols, per_digit: int) -> list[Take]:
    """List takes of the first `per_digit` test symbols of each digit, their sizes in turn.

    Each digit begins at another size, so that few symbols show all sizes too.
    """
    test = symbols.part("test")
    takes = []
    for digit in range(10):
        of_digit = [symbol for symbol in test if symbols.label(symbol) == digit]
        takes += [
            Take(SCENE, symbol, digit, SIZES[(digit + number) % len(SIZES)])
            for number, symbol in enumerate(of_digit[:per_digit])
        ]
    return takes


def store_drift_recordings(
    takes: Sequence[Take],
    symbols: Symbols,
    simulation: Mapping,
    duration_s: float,
    step_us: int,
    seed: int,
    paths: Mapping,
    progress: Progress,
) -> None:
    """Make the recordings and store their time steps; a recording is called `<size>/<name>`.

    Args:
        simulation: the config's section.
        duration_s: length of each recording.
        step_us: length of a time step in microseconds.
        seed: the study's.
        paths: `steps` and `table`.
    """
    scene = {**simulation["scenes"][SCENE], "duration_s": duration_s}
    lasting = {**simulation, "scenes": {SCENE: scene}}
    sensor, placement = nominal_sensor(lasting, SCENE, seed), placement_of(scene)
    with progress.bar(len(takes), "recording", "long recordings") as bar:

        def recordings() -> Iterator[BinnedRecording]:
            for take in takes:
                make = partial(nominal_take, take, symbols, lasting, sensor, seed)
                steps, n_outside = steps_from_start(make, placement, step_us, duration_s)
                yield BinnedRecording(
                    f"{take.size}/{take.name}", take.symbol, take.label, "", steps, n_outside,
                    duration_s,
                )  # fmt: skip
                bar.advance(1)

        store_steps(recordings(), Path(paths["steps"]), Path(paths["table"]))
