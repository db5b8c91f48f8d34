"""Recordings and events a second of the simulator at a step of 1 ms, for one and two threads.

    python benchmarks/simulator.py [--recordings 200] [--repeats 5]

Repeats alternate between the scenes and the numbers of threads, so that a slow moment of the
machine hits all alike. Compiling is done before the first repeat and told apart.
"""

import argparse
import resource
import statistics
import sys
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from dvs_snn.simulation import (  # noqa: E402
    Take,
    in_order,
    nominal_sensor,
    nominal_take,
    set_takes,
)
from dvs_snn.symbols import Symbols, load_symbols  # noqa: E402

SEED = 1
STEP_MS = 1.0
SCENES = ("mnist-dvs", "saccades")


def measure(
    takes: list[Take], symbols: Symbols, simulation: dict, threads: int
) -> tuple[float, int]:
    """Return the seconds that `takes` need, and their events."""
    sensor = nominal_sensor(simulation, takes[0].scene, SEED)
    begin = time.perf_counter()
    n_events = sum(
        recording.n_events
        for recording in in_order(
            lambda take: nominal_take(take, symbols, simulation, sensor, SEED), takes, threads
        )
    )
    return time.perf_counter() - begin, n_events


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recordings", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    simulation = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["simulation"]
    for settings in simulation["scenes"].values():
        settings["step_ms"] = STEP_MS
    symbols = load_symbols(simulation["symbols"], SEED)
    takes = {
        # Evenly over the digits: a one is quicker than an eight.
        scene: set_takes(simulation, symbols, scene, "test")[:: 1000 // arguments.recordings]
        for scene in SCENES
    }
    begin = time.perf_counter()
    for scene in SCENES:
        measure(takes[scene][:1], symbols, simulation, 1)
    print(
        f"first recordings, compiling or loading the kernels: {time.perf_counter() - begin:.1f} s"
    )
    seconds: dict[tuple[str, int], list[float]] = {}
    events: dict[str, int] = {}
    for _ in range(arguments.repeats):
        for scene in SCENES:
            for threads in (1, 2):
                took, events[scene] = measure(takes[scene], symbols, simulation, threads)
                seconds.setdefault((scene, threads), []).append(took)
    print(f"{'scene':12}{'threads':>8}{'recordings/s (min, median, max)':>34}{'k events/s':>12}")
    for (scene, threads), found in seconds.items():
        rates = sorted(len(takes[scene]) / took for took in found)
        spread = f"{rates[0]:.1f}, {statistics.median(rates):.1f}, {rates[-1]:.1f}"
        rate = events[scene] / statistics.median(found) / 1000
        print(f"{scene:12}{threads:8}{spread:>34}{rate:12.0f}")
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory: {peak_mb:.0f} MB")


if __name__ == "__main__":
    main()
