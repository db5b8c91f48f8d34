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
        batch_size: int = 10, layout: str = "layers", device: str = "cpu",
        chosen: list[int] | None = None, in_a_row: int = 1, warm_up: bool = False,
    ) -> dict:  # fmt: skip
        """Run recordings (`chosen` by number, each `in_a_row` times in time); time it."""
        import torch

        from speed import engines, material

        torch.set_num_threads(threads)
        stored = self.keep((recordings,), lambda: material.load_steps(Path(recordings)))
        batch = [stored[i] for i in chosen] if chosen else stored
        if in_a_row > 1:
            batch = [material.in_a_row(one, in_a_row) for one in batch]
        converted = self.keep((network,), lambda: material.load_network(Path(network)))
        arguments = (engine, converted, scale, batch_size, layout, device, threads)
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
            "synops": contestant.synops,
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

    def train(
        self, loop: str, frames: str, folder: str, network: str, recordings: str, seed: int,
        epochs: int, **how,
    ) -> dict:  # fmt: skip
        """Train by one of the loops; time it."""
        import numpy as np
        import torch

        from speed import loops, material

        labels = np.load(Path(frames).with_name("labels.npy"))
        array = Path(frames)
        torch.set_num_threads(how.get("threads", 2))
        images = len(labels) * epochs
        converted = self.keep((network,), lambda: material.load_network(Path(network)))
        stored = self.keep((recordings,), lambda: material.load_steps(Path(recordings)))
        begin = time.perf_counter()
        if loop == "tutorial":
            loss = loops.tutorial(Path(folder), how["workers"], epochs, seed)
        elif loop == "limit":
            loss = loops.limit(
                array, labels, how["batch_size"], how["threads"], how["precision"], epochs
            )
        else:
            settings = (
                loops.settings_like_tutorial(epochs, how["precision"])
                if loop == "ours"
                else loops.settings_of_study(how["section"], epochs, how["precision"])
            )
            loss, images = loops.ours(array, labels, settings, seed, converted, stored)
        seconds = time.perf_counter() - begin
        return {"seconds": seconds, "frames": images, "loss": loss}

    def first_use(self, network: str, recordings: str) -> dict:
        """Time the event engine's import and first recording, torch being loaded already."""
        from speed import material

        stored = material.load_steps(Path(recordings))
        converted = material.load_network(Path(network))
        begin = time.perf_counter()
        from dvs_snn.engines.kinds.event.layout import lay_out

        list(lay_out(converted).respond(stored[:1]))
        first = time.perf_counter() - begin
        begin = time.perf_counter()
        list(lay_out(converted).respond(stored[:1]))
        return {"seconds": first, "second": time.perf_counter() - begin}


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
