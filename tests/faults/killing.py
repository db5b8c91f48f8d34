"""Kill -9 in chosen rules at random moments, run on, and compare with an undisturbed run."""

import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from running import kill_all, run_snakemake, start_snakemake
from studies import Study, fingerprints, leftovers

ROUND_TIMEOUT_S = 900.0


class Watched:
    """A Snakemake under way: which jobs have started and ended, by the words of its log."""

    def __init__(self, study: Study, *more: str) -> None:
        self._project = study.project
        self.process = start_snakemake(study.project, *study.command(*more))
        self.running: Counter[str] = Counter()
        self.started: dict[str, float] = {}
        self.durations: dict[str, float] = {}
        self.lines: list[str] = []
        self._threads = [
            threading.Thread(target=target, daemon=True)
            for target in (self._read, self.process.stdout.read)
        ]
        for thread in self._threads:
            thread.start()

    def _read(self) -> None:
        for line in self.process.stderr:
            self.lines.append(line)
            if match := re.match(r"(?:local)?rule (\w+):$", line):
                self.started[match[1]] = time.monotonic()
                self.running[match[1]] += 1
            elif match := re.match(r"Finished jobid: \d+ \(Rule: (\w+)\)", line):
                self.running[match[1]] -= 1
                if match[1] in self.started:
                    taken = time.monotonic() - self.started[match[1]]
                    self.durations[match[1]] = max(taken, self.durations.get(match[1], 0.0))

    @property
    def under_way(self) -> set[str]:
        """Rules with a job that has started and not ended."""
        return {rule for rule, n in list(self.running.items()) if n > 0}

    def wait(self, timeout_s: float = ROUND_TIMEOUT_S) -> int:
        """Wait for the end; return the exit status."""
        try:
            status = self.process.wait(timeout_s)
        except BaseException:
            kill_all(self.process, self._project)
            raise
        for thread in self._threads:
            thread.join(10)
        return status

    def kill(self, rule: str, whole_group: bool, rng: random.Random) -> bool:
        """Kill now; return whether a job of the rule was still under way.

        Args:
            whole_group: whether Snakemake and its jobs die at once, as in a power cut, or Snakemake
                alone, whose jobs live on until they are ended.
        """
        if not whole_group:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
            time.sleep(rng.uniform(0.0, 0.3))
        kill_all(self.process, self._project)
        self._threads[0].join(10)
        return rule in self.under_way


@dataclass(frozen=True)
class Undisturbed:
    """What a study gives when nothing disturbs it.

    Attributes:
        files: sha256 of every file that two runs must share, by path below the study's folder.
        durations_s: the longest job of each rule.
    """

    files: Mapping[str, str]
    durations_s: Mapping[str, float]


def run_undisturbed(study: Study) -> Undisturbed:
    """Run a study to its end."""
    run = Watched(study)
    assert run.wait() == 0, "".join(run.lines)
    return Undisturbed(fingerprints(study.results), run.durations)


def check_against(undisturbed: Undisturbed, study: Study, whole: bool = True) -> None:
    """Assert that a study has the files of an undisturbed run, and no part is left.

    Args:
        whole: False while the study is unfinished: files may be missing, but none may be another.
    """
    found = fingerprints(study.results)
    other = sorted(name for name, digest in found.items() if undisturbed.files.get(name) != digest)
    assert not other, f"not as in the undisturbed run: {other}"
    if whole:
        assert found.keys() == undisturbed.files.keys()
        assert leftovers(study.results) == []


def unlock_if_told(study: Study) -> None:
    """Remove the lock that a killed Snakemake left, as its message tells."""
    if any((study.project / ".snakemake/locks").glob("*")):
        assert run_snakemake(study.project, *study.command("--unlock")).returncode == 0


def run_killed(
    study: Study, targets: Sequence[str], undisturbed: Undisturbed, rng: random.Random
) -> list[str]:
    """Run a study to its end, killing it once in every rule of `targets`.

    After each kill the harness checks every file that stands under its final name. It gives the
    same command again with ``--rerun-incomplete``, after ``--unlock`` where a lock is left.

    Returns:
        The rules that were hit; one whose jobs all ended before their moment is not among them.
    """
    left, hit = set(targets), []
    window = dict(undisturbed.durations_s)
    run = Watched(study, "--rerun-incomplete")
    while run.process.poll() is None:
        if not (aimed := run.under_way & left):
            time.sleep(0.01)
            continue
        rule = sorted(aimed)[0]
        moment = run.started[rule] + rng.uniform(0.0, window[rule])
        while time.monotonic() < moment and rule in run.under_way:
            time.sleep(0.01)
        if rule not in run.under_way:
            # Quicker than the longest, which had kernels to compile, say: sooner next time.
            window[rule] /= 2
            continue
        # Not tried again though it may end before it is hit, or the round might never end.
        left.discard(rule)
        if run.kill(rule, rng.random() < 0.5, rng):
            hit.append(rule)
        check_against(undisturbed, study, whole=False)
        unlock_if_told(study)
        run = Watched(study, "--rerun-incomplete")
    assert run.wait() == 0, "".join(run.lines)
    check_against(undisturbed, study)
    return hit
