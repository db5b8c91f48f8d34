"""The processes of the contestants, asked in turn."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1]
REST_S = 0.3
"""Pause between two contestants: the threads of the one before still spin for a moment."""


class Member:
    """One contestant's process."""

    def __init__(self, log: Path, environment: dict[str, str] | None = None) -> None:
        self.log = open(log, "a", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "speed.worker"],
            cwd=BENCHMARKS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            bufsize=1,
            env=os.environ | (environment or {}),
        )

    def send(self, **request: object) -> None:
        """Send a request."""
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()

    def receive(self) -> dict:
        """Wait for the answer.

        Raises:
            RuntimeError: the contestant failed; its log says why.
        """
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": "the process ended"}
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def ask(self, **request: object) -> dict:
        """Send a request and wait for the answer."""
        self.send(**request)
        return self.receive()

    def stop(self) -> None:
        """End the process."""
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()


@contextmanager
def crew(names: Sequence[str], log: Path):
    """Start a process for each name; end them all behind the block."""
    members = {name: Member(log) for name in names}
    try:
        yield members
    finally:
        for member in members.values():
            member.stop()


def together(members: Sequence[Member], **request: object) -> dict:
    """Let several processes do the same side by side; return the slower one, amounts summed."""
    for member in members:
        member.send(**request)
    answers = [member.receive() for member in members]
    slowest = max(answers, key=lambda answer: answer["seconds"])
    totals = {key: sum(answer[key] for answer in answers) for key in ("frames", "peak_mb")}
    return slowest | totals


def interleaved(
    tasks: dict[str, Callable[[], dict]], repeats: int, say: Callable[[str], None]
) -> dict[str, list[dict]]:
    """Do every task `repeats` times, all once before any twice, in a rotating order.

    A slow moment of the machine so hits all alike. A task that fails is told and left out.
    """
    names = list(tasks)
    found: dict[str, list[dict]] = {name: [] for name in names}
    failed: set[str] = set()
    for repeat in range(repeats):
        shift = repeat % len(names)
        for name in names[shift:] + names[:shift]:
            if name in failed:
                continue
            time.sleep(REST_S)
            try:
                found[name].append(tasks[name]())
            except RuntimeError as error:
                failed.add(name)
                say(f"{name} failed and is left out: {error}")
        say(f"repeat {repeat + 1} of {repeats}")
    return {name: answers for name, answers in found.items() if name not in failed}
