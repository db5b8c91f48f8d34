"""Contestants in processes of their own, asked in turn."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1]
REST_S = 0.3
"""Pause between two contestants: the threads of the one before still spin for a moment."""


def ask(request: dict) -> dict:
    """Return a worker's answer; RuntimeError if the contestant failed."""
    command = [sys.executable, "-m", "speed.worker", json.dumps(request)]
    done = subprocess.run(command, cwd=BENCHMARKS, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().rpartition("\n")[2])
    return json.loads(done.stdout.splitlines()[-1])


def interleaved(
    tasks: dict[str, Callable[[], dict]], repeats: int, say: Callable[[str], None]
) -> dict[str, list[dict]]:
    """Do every task `repeats` times, all once before any twice, in a rotating order.

    A slow moment of the machine so hits all alike. A task that fails is told and left out.
    """
    names = list(tasks)
    answers: dict[str, list[dict]] = {name: [] for name in names}
    failed: set[str] = set()
    for repeat in range(repeats):
        shift = repeat % len(names)
        for name in names[shift:] + names[:shift]:
            if name in failed:
                continue
            time.sleep(REST_S)
            try:
                answers[name].append(tasks[name]())
            except RuntimeError as error:
                failed.add(name)
                say(f"{name} failed and is left out: {error}")
        say(f"repeat {repeat + 1} of {repeats}")
    return {name: repeated for name, repeated in answers.items() if name not in failed}
