"""A tiny study that ran once, undisturbed: what disturbed ones are held against."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from killing import Undisturbed, run_undisturbed
from studies import Study, tiny_study


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Undisturbed]:
    """The tiny study in a project of its own, at its end, and what it gave. Don't write there."""
    study = tiny_study(tmp_path_factory.mktemp("finished") / "project")
    return study, run_undisturbed(study)


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
