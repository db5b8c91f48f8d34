"""Milliseconds of a training step by shards, threads and precision, side by side.

    python benchmarks/shards.py [--frames 3200] [--repeats 5]

The frames are random, and the network learns nothing from them. Each repeat runs every contestant
once, so that a slow moment of the machine hits all alike. The table shows the fastest and the
median repeat. Start and first use are left out: a contestant's time is that of three epochs less
that of one.
"""

import argparse
import io
import math
import statistics
import time
from itertools import product

import numpy as np
from speed.machine import processor

from dvs_snn.files.job import Progress
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.training import AffineRanges, Variant
from dvs_snn.training.loop import train
from dvs_snn.training.materials.frames import Frames

STILL = AffineRanges((1.0, 1.0), (0.0, 0.0))
PRECISIONS, BATCHES = ("bfloat16", "float32"), (64, 256)
SHARDS_AND_THREADS = [(1, 1), (2, 1), (2, 2), (4, 1), (4, 2)]


def seconds(material: Frames, settings: Variant, epochs: int, threads: int) -> float:
    """Return how long so many epochs of the tutorial's network take."""
    begin = time.perf_counter()
    train(
        "tutorial", material, Variant(**{**vars(settings), "epochs": epochs}), NeuronParameters(),
        None, 1, 1, Progress(io.StringIO()), threads=threads,
    )  # fmt: skip
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=3200)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    rng = np.random.default_rng(1)
    n = arguments.frames
    frames = rng.poisson(0.7, (n, 1, 64, 64)).astype(np.uint8)
    material = Frames(frames, rng.integers(0, 10, n), np.arange(n), np.zeros(0, np.int64))
    found: dict[tuple, list[float]] = {}
    for repeat in range(arguments.repeats + 1):
        for precision, batch, (shards, threads) in product(PRECISIONS, BATCHES, SHARDS_AND_THREADS):
            settings = Variant(
                batch_size=batch, precision=precision, shards=shards, affine=STILL, dropout=0.1,
                averaging=0.999, loss_on="potentials", keep="last",
            )  # fmt: skip
            longer, shorter = (seconds(material, settings, epochs, threads) for epochs in (3, 1))
            steps = 2 * math.ceil(n / batch)
            # The first repeat compiles.
            if repeat:
                times = found.setdefault((precision, batch, shards, threads), [])
                times.append((longer - shorter) / steps * 1000)
    print(f"{processor()}, medians and minima of {arguments.repeats} repeats\n")
    print("| precision | batch | shards | threads | ms a step, median | fastest |")
    print("|---|---:|---:|---:|---:|---:|")
    for how, times in found.items():
        told = " | ".join(map(str, how))
        print(f"| {told} | {statistics.median(times):.1f} | {min(times):.1f} |")


if __name__ == "__main__":
    main()
