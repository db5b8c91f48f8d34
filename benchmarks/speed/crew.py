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


def together(requests: list[dict]) -> dict:
    """Answer requests side by side, a process each; return the slowest answer, amounts summed.

    Raises:
        RuntimeError: a contestant failed.
    """
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "speed.worker", json.dumps(request)],
            cwd=BENCHMARKS, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for request in requests
    ]  # fmt: skip
    answers = []
    for process in processes:
        output, errors = process.communicate()
        if process.returncode:
            raise RuntimeError(errors.strip().rpartition("\n")[2])
        answers.append(json.loads(output.splitlines()[-1]))
    slowest = max(answers, key=lambda answer: answer["seconds"])
    summed = slowest.keys() & {"frames", "peak_mb"}
    return slowest | {key: sum(answer[key] for answer in answers) for key in summed}


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
