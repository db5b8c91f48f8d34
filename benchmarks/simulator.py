"""Recordings and events a second of the simulator at a step of 1 ms, for one and two threads.

    python benchmarks/simulator.py [--recordings 200] [--repeats 5]

Repeats alternate between the scenes and the numbers of threads, so that a slow moment of the
machine hits all alike. Compiling is done before the first repeat and told apart. `run.py` has it
run in a process of its own and reads `--json`.
"""

import argparse
import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from speed import ROOT
from speed.worker import peak_mb

from dvs_snn.settings.scenes import SceneSettings
from dvs_snn.settings.study import read_configs
from dvs_snn.simulation.symbols import Symbols, load_symbols
from dvs_snn.simulation.takes import (
    Take,
    nominal_sensor,
    nominal_take,
    set_takes,
)

SEED = 1
STEP_MS = 1.0
SCENES = ("mnist-dvs", "saccades")


def measure(
    takes: list[Take], symbols: Symbols, simulation: SceneSettings, threads: int
) -> tuple[float, int]:
    """Return the seconds that `takes` need, and their events."""
    sensor = nominal_sensor(simulation, takes[0].scene, SEED)
    begin = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        made = pool.map(
            lambda take: nominal_take(take, symbols, simulation, sensor, SEED).n_events, takes
        )
        n_events = sum(made)
    return time.perf_counter() - begin, n_events


def rows(recordings: int, repeats: int) -> list[dict]:
    """Measure both scenes with one and two threads; return a row of figures for each."""
    section = read_configs([ROOT / "config.yaml"]).simulation
    scenes = {name: replace(scene, step_ms=STEP_MS) for name, scene in section.scenes.items()}
    simulation = SceneSettings(scenes, section.sensors)
    symbols = load_symbols(section.symbols, SEED)
    takes = {
        # Evenly over the digits: a one is quicker than an eight.
        scene: set_takes(simulation, symbols, scene, "test")[:: 1000 // recordings]
        for scene in SCENES
    }
    begin = time.perf_counter()
    for scene in SCENES:
        measure(takes[scene][:1], symbols, simulation, 1)
    first = time.perf_counter() - begin
    seconds: dict[tuple[str, int], list[float]] = {}
    events: dict[str, int] = {}
    for _ in range(repeats):
        for scene in SCENES:
            for threads in (1, 2):
                took, events[scene] = measure(takes[scene], symbols, simulation, threads)
                seconds.setdefault((scene, threads), []).append(took)
    return [
        {
            "scene": scene,
            "threads": threads,
            "recordings_per_s": sorted(len(takes[scene]) / took for took in found),
            "events_per_s": events[scene] / statistics.median(found),
            "first_use_s": first,
            "peak_mb": peak_mb(),
        }
        for (scene, threads), found in seconds.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recordings", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print rows for a program")
    arguments = parser.parse_args()
    found = rows(arguments.recordings, arguments.repeats)
    if arguments.json:
        print(json.dumps(found))
        return
    print(f"first recordings, compiling or loading the kernels: {found[0]['first_use_s']:.1f} s")
    print(f"{'scene':12}{'threads':>8}{'recordings/s (min, median, max)':>34}{'k events/s':>12}")
    for row in found:
        rates = row["recordings_per_s"]
        spread = f"{rates[0]:.1f}, {statistics.median(rates):.1f}, {rates[-1]:.1f}"
        rate = row["events_per_s"] / 1000
        print(f"{row['scene']:12}{row['threads']:8}{spread:>34}{rate:12.0f}")
    print(f"peak memory: {found[0]['peak_mb']:.0f} MB")


if __name__ == "__main__":
    main()
