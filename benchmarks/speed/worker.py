"""A process of its own for each contestant: takes a line of JSON, answers with one.

Kept alive from repeat to repeat, so that repeats interleave and nothing is loaded or compiled
twice; its peak memory is the contestant's.
"""

import json
import os
import resource
import sys
import time
import traceback
import zlib
from pathlib import Path


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


def children_mb() -> float:
    """Return the peak memory of the largest child that has ended, in MB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


class Worker:
    """Answers requests by name; what takes long to make is kept from one to the next."""

    def __init__(self) -> None:
        self.kept: dict[tuple, object] = {}

    def keep(self, key: tuple, make):
        """Return what `make` gave for this key the first time."""
        if key not in self.kept:
            self.kept[key] = make()
        return self.kept[key]

    def infer(
        self, engine: str, network: str, recordings: str, scale: float = 1.0, threads: int = 2,
        batch_size: int = 10, layout: str = "layers",
        chosen: list[int] | None = None, warm_up: bool = False,
    ) -> dict:  # fmt: skip
        """Run recordings (`chosen` by number); time it."""
        import torch

        from dvs_snn.networks.conversion import load_converted
        from speed import engines, material

        torch.set_num_threads(threads)
        stored = self.keep((recordings,), lambda: material.load_steps(Path(recordings)))
        batch = [stored[i] for i in chosen] if chosen else stored
        converted = self.keep((network,), lambda: load_converted(Path(network)))
        arguments = (engine, converted, scale, batch_size, layout, threads)
        key = (engine, network, *arguments[2:])
        contestant = self.keep(key, lambda: engines.Engine(*arguments))
        if warm_up:
            contestant.answer(batch[:batch_size])
            return {}
        begin = time.perf_counter()
        answers = contestant.answer(batch)
        seconds = time.perf_counter() - begin
        return {
            "seconds": seconds,
            "steps": sum(one.n_steps for one in batch),
            **self._read(answers, engine),
        }

    @staticmethod
    def _read(answers: list, engine: str) -> dict:
        """Return the digits (-1: silent), and a check sum of each recording's output spikes."""
        import numpy as np

        from dvs_snn.engines.response import decide

        if engine == "ann":
            return {"predicted": [int(answer.sum(axis=0).argmax()) for answer in answers]}
        spikes = [np.ascontiguousarray(answer, dtype=np.int64) for answer in answers]
        digits = [decide(one, 1.0).predicted for one in spikes]
        return {
            "predicted": [-1 if digit is None else digit for digit in digits],
            "check": [zlib.crc32(one.tobytes()) for one in spikes],
        }

    def train(self, loop: str, frames: str, folder: str, seed: int, epochs: int, **how) -> dict:
        """Train by one of the loops; time it."""
        import numpy as np
        import torch

        from speed import loops

        array = Path(frames)
        labels = np.load(array.with_name("labels.npy"))
        torch.set_num_threads(how.get("threads", 2))
        begin = time.perf_counter()
        if loop == "tutorial":
            loss = loops.tutorial(Path(folder), how["workers"], epochs, seed)
        elif loop == "limit":
            batch = how["batch_size"]
            loss = loops.limit(array, labels, batch, how["threads"], how["precision"], epochs)
        elif loop == "ours":
            settings = loops.settings_like_tutorial(epochs, how["precision"])
            loss = loops.ours(array, labels, settings, seed)
        else:
            settings = loops.settings_of_study(how["section"], epochs, how["precision"])
            loss = loops.ours(array, labels, settings, seed)
        seconds = time.perf_counter() - begin
        return {"seconds": seconds, "frames": len(labels) * epochs, "loss": loss}


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    # Whatever a library prints goes to the errors, not among the answers.
    os.dup2(2, 1)
    worker = Worker()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(worker, request.pop("do"))(**request)
            answer |= {"peak_mb": peak_mb(), "children_mb": children_mb()}
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
