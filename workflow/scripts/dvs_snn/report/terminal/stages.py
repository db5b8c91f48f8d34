"""The stages of a run, and how many of their jobs are done."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

FILES_OF_STAGES = {
    "recordings": ("data", "simulate"),
    "training": ("train",),
    "evaluation": ("convert", "infer", "evaluate"),
    "checks": ("check", "verify", "realism", "probes"),
    "tables and page": ("gather", "report", "Snakefile"),
    "publication": ("publication",),
}
"""Stage -> the files of `workflow/rules` that hold its rules."""


def stages_of(files: Mapping[str, str]) -> dict[str, str]:
    """Return the stage of each rule by its file; a file that no stage names is one of its own."""
    named = {file: stage for stage, own in FILES_OF_STAGES.items() for file in own}
    return {rule: named.get(file, file) for rule, file in files.items()}


@dataclass
class Stage:
    """Jobs that belong together; `began` is the second in which the first of them started."""

    name: str
    total: int = 0
    done: int = 0
    running: set[int] = field(default_factory=set)
    began: float = math.inf
