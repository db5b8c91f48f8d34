"""A process of its own for each measurement: takes a request as JSON, prints its answer as JSON.

It loads libraries, compiles and warms up before the clock starts; its peak memory is the
contestant's.
"""

import json
import os
import pickle
import resource
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import torch

from dvs_snn.engines.response import Response
from dvs_snn.networks.spiking_network import load_spiking
from speed.engines import Engine


def peak_mb() -> float:
    """Return the most memory that this process has held, in MB (2^20 bytes)."""
    try:
        # What getrusage says begins with the peak of the process that started this one.
        status = Path("/proc/self/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    except (OSError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1 << 20 if sys.platform == "darwin" else 1024)


def infer(
    engine: str, network: str, recordings: str, chosen: list[int], scale: float = 1.0,
    threads: int = 2, batch_size: int = 10, layout: str = "layers",
) -> dict:  # fmt: skip
    """Run the recordings of the numbers `chosen`; time it."""
    torch.set_num_threads(threads)
    stored = pickle.loads(Path(recordings).read_bytes())
    batch = [stored[number] for number in chosen]
    converted = load_spiking(Path(network))
    contestant = Engine(engine, converted, scale, batch_size, layout, threads)
    contestant.answer(batch[:batch_size])
    begin = time.perf_counter()
    answers = contestant.answer(batch)
    seconds = time.perf_counter() - begin
    steps = sum(recording.n_steps for recording in batch)
    return {"seconds": seconds, "steps": steps, **_read(answers, engine)}


def _read(answers: list[np.ndarray], engine: str) -> dict:
    """Return the digits (-1: silent), and a check sum of each recording's output spikes."""
    if engine == "ann":
        return {"predicted": [int(answer.sum(axis=0).argmax()) for answer in answers]}
    spikes = [np.ascontiguousarray(answer, dtype=np.int64) for answer in answers]
    digits = [Response(counts, (), np.zeros(0)).predicted for counts in spikes]
    return {
        "predicted": [-1 if digit is None else digit for digit in digits],
        "check": [zlib.crc32(counts.tobytes()) for counts in spikes],
    }


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    # Whatever a library prints goes to the errors, not among the answers.
    os.dup2(2, 1)
    request = json.loads(sys.argv[1])
    answer = infer(**request)
    answers.write(json.dumps(answer | {"peak_mb": peak_mb()}) + "\n")


if __name__ == "__main__":
    main()
