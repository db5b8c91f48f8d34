"""A tiny study that ran once, undisturbed: what disturbed ones are held against."""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from killing import Undisturbed, run_undisturbed
from shared import made_once
from studies import TINY_CONFIGS, Study, tiny_study


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Undisturbed]:
    """The tiny study in a project of its own, at its end, and what it gave. Don't write there.

    It runs once for all processes.
    """

    def run(folder: Path) -> None:
        given = run_undisturbed(tiny_study(folder / "project"))
        (folder / "given.json").write_text(json.dumps(asdict(given)))

    folder = made_once(tmp_path_factory, "tiny-finished", run)
    given = Undisturbed(**json.loads((folder / "given.json").read_text()))
    return Study(folder / "project", "tiny", TINY_CONFIGS), given


@pytest.fixture(scope="session")
def undisturbed(finished: tuple[Study, Undisturbed]) -> Undisturbed:
    """What the tiny study gives when nothing disturbs it."""
    return finished[1]


@pytest.fixture
def finished_copy(finished: tuple[Study, Undisturbed], tmp_path: Path) -> Callable[[], Study]:
    """Copy the finished study, Snakemake's memory of it included, to be damaged."""

    def copy() -> Study:
        study = finished[0]
        project = tmp_path / "copy"
        shutil.copytree(study.project, project, symlinks=True)
        return Study(project, study.name, study.configs)

    return copy
