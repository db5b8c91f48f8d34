"""Runs of a study that are watched, killed, and compared with an undisturbed run."""

import re
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from running import kill_all, start_snakemake
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
        self.join()
        return status

    def join(self) -> None:
        """Read what is left of the log."""
        for thread in self._threads:
            thread.join(10)


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
