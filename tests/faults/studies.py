"""A small study in which every rule has work to do; runs of it, watched, killed and compared."""

import hashlib
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from running import (
    SMOKE,
    TIMEOUT_S,
    copy_project,
    kill_all,
    start_snakemake,
    write_config,
    write_recordings,
)

# A study of few recordings and one network: every rule of a simulated study runs. At three scales
# every batch of the cluster profiles has more than one job.
TINY = {
    "recordings": "tiny.tsv",
    "seeds": [1],
    "simulation": {
        "symbols": {"test": [2] * 10, "validation": 1, "training": 2},
        "scenes": {"mnist-dvs": {"duration_s": 0.1}, "paper": {"duration_s": 0.2}},
        "training": {"mnist-dvs": {"recordings": 1}, "saccades": {"recordings": 1}},
    },
    "training": {"epochs": 10},
    "sweep": {"scales": [0.46, 1.0, 2.15]},
    "verification": {"recordings": 2},
}
TINY_CONFIGS = (*SMOKE[1:], "tiny.yaml")
# Folders of what is made of the frames.
AFTER_FRAMES = [f"work/{name}" for name in "training networks inference evaluation probes".split()]
# Not the same from run to run: timings, logs, and what names the machine and the day.
_VARYING = re.compile(
    r"work/(logs|benchmarks)/|tables/runtimes\.csv$|provenance\.json$|report\.html$|(.*/)?\."
)


@dataclass(frozen=True)
class Study:
    """The tiny study in a project of its own."""

    project: Path

    @property
    def results(self) -> Path:
        """The folder below which the study writes."""
        return self.project / "results/tiny"

    def command(self, *more: str, cores: int = 2) -> tuple[str, ...]:
        """Return the arguments of Snakemake for this study."""
        return ("--cores", str(cores), *more, "--configfile", *TINY_CONFIGS)

    def forget_training(self) -> None:
        """Remove what is made of the frames: the study trains again."""
        for name in (*AFTER_FRAMES, "tables"):
            shutil.rmtree(self.results / name)


def tiny_study(project: Path) -> Study:
    """Make a copy of the project with the tiny simulated study."""
    copy_project(project)
    write_recordings(project / "tiny.tsv", {"recording": "A", "symbol": "3/test-1"})
    write_config(project, "tiny.yaml", study="tiny", **TINY)
    return Study(project)


def fingerprints(results: Path) -> dict[str, str]:
    """Return the sha256 of every file of a study that two runs must share, by its path."""
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(results.rglob("*"))
        if path.is_file() and not _VARYING.match(name := path.relative_to(results).as_posix())
    }


def leftovers(results: Path) -> list[str]:
    """Return what a study that ran to its end should not have left: parts."""
    parts = results.rglob(".part-*")
    return sorted(path.relative_to(results).as_posix() for path in parts)


class Watched:
    """A Snakemake under way, and what it says."""

    def __init__(self, study: Study, *more: str) -> None:
        self._project, self._log = study.project, study.project / "said.log"
        with open(self._log, "w") as stream:
            self.process = start_snakemake(study.project, *study.command(*more), stream=stream)

    @property
    def text(self) -> str:
        """Both streams up to now."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def running(self) -> Counter[str]:
        """How many jobs of each rule have started and not ended."""
        text = self.text
        jobs = Counter(re.findall(r"^(?:local)?rule (\w+):$", text, re.MULTILINE))
        jobs.subtract(re.findall(r"^Finished jobid: \d+ \(Rule: (\w+)\)", text, re.MULTILINE))
        return jobs

    def wait(self, timeout_s: float = TIMEOUT_S) -> int:
        """Wait for the end; return the exit status."""
        try:
            return self.process.wait(timeout_s)
        except BaseException:
            kill_all(self.process, self._project)
            raise


def check_against(undisturbed: dict[str, str], study: Study, whole: bool = True) -> None:
    """Assert that a study has the files of an undisturbed run, and no part is left.

    Args:
        undisturbed: what `fingerprints` returns of that run.
        whole: False while the study is unfinished: files may be missing, but none may be another.
    """
    found = fingerprints(study.results)
    differing = sorted(name for name, digest in found.items() if undisturbed.get(name) != digest)
    assert not differing, f"not as in the undisturbed run: {differing}"
    if whole:
        assert found.keys() == undisturbed.keys()
        assert leftovers(study.results) == []
