"""Small studies in which every rule has work to do, and what two runs of one must share."""

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from running import SMOKE, copy_project, write_config, write_recordings

# A study of few recordings and one network: every rule of a simulated study runs. At three scales
# every batch of the cluster profiles has more than one job.
TINY = {
    "recordings": "tiny.tsv",
    "seeds": [1],
    "simulation": {
        "symbols": {"test": [2] * 10, "validation": 1, "training": 2},
        "scenes": {"mnist-dvs": {"duration_s": 0.1}, "paper": {"duration_s": 0.2}},
        "sensitivity": {"symbols": 1},
        "profile": {"symbols": 0},
        "training": {"mnist-dvs": {"recordings": 1}, "saccades": {"recordings": 1}},
    },
    "training": {"epochs": 10},
    "sweep": {"scales": [0.46, 1.0, 2.15]},
    "verification": {"recordings": 2},
}
TINY_CONFIGS = (*SMOKE[1:], "tiny.yaml")
# Folders of what is made of the frames.
AFTER_FRAMES = ("training", "networks", "inference", "evaluation", "probes", "tables")
# Not the same from run to run: timings, logs, and what names the machine and the day.
_VARYING = re.compile(
    r"(logs|benchmarks)/|tables/runtimes\.csv$|provenance\.json$|report\.html$|(.*/)?\."
)


@dataclass(frozen=True)
class Study:
    """A project and the arguments that run a study in it.

    Attributes:
        name: the study's, which names its folder of results.
    """

    project: Path
    name: str
    configs: tuple[str, ...]

    @property
    def results(self) -> Path:
        """The folder below which the study writes."""
        return self.project / "results" / self.name

    def command(self, *more: str, cores: int = 2) -> tuple[str, ...]:
        """Return the arguments of Snakemake for this study."""
        return ("--cores", str(cores), *more, "--configfile", *self.configs)

    def forget_training(self) -> None:
        """Remove what is made of the frames: the study trains again."""
        for name in AFTER_FRAMES:
            shutil.rmtree(self.results / name)


def tiny_study(project: Path, **sections: object) -> Study:
    """Make a copy of the project with the tiny simulated study; `sections` change its config."""
    copy_project(project)
    write_recordings(project / "tiny.tsv", {"recording": "A", "symbol": "3/test-1"})
    write_config(project, "tiny.yaml", study="tiny", **(TINY | sections))
    return Study(project, "tiny", TINY_CONFIGS)


def fingerprints(results: Path) -> dict[str, str]:
    """Return the sha256 of every file of a study that two runs must share, by its path."""
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(results.rglob("*"))
        if path.is_file()
        and not _VARYING.match(name := path.relative_to(results).as_posix())
        and path.name != "resume.pt"
    }


def leftovers(results: Path) -> list[str]:
    """Return what a study that ran to its end should not have left: parts and resume files."""
    found = [*results.rglob(".part-*"), *results.rglob("*resume.pt*")]
    return sorted(path.relative_to(results).as_posix() for path in found)
