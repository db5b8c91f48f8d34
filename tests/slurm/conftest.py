"""A SLURM of one node, a small study in which jobs are batched, and what it gives locally."""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from batched import batched_study
from faults.studies import Study
from localhost import Cluster, NoSlurm, slurm
from running import run_snakemake

# Where it is set, as in CI, the tests of this folder fail rather than skip.
REQUIRED = "DVS_SNN_REQUIRE_SLURM"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The SLURM that all tests of this folder share; they are skipped where there can be none."""
    try:
        with slurm() as started:
            yield started
    except NoSlurm as error:
        if os.environ.get(REQUIRED):
            pytest.fail(f"{REQUIRED} is set, but {error}")
        pytest.skip(f"no SLURM: {error}")


@pytest.fixture(scope="session")
def local_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Future[Study]]:
    """The small study under way without any cluster, while those on the cluster wait."""

    def run() -> Study:
        study = batched_study(tmp_path_factory.mktemp("local") / "project")
        done = run_snakemake(study.project, *study.command())
        assert done.returncode == 0, done.stdout + done.stderr
        return study

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(run)


@pytest.fixture(scope="session")
def local(local_run: Future[Study]) -> Study:
    """The small study after a run without any cluster. Don't write there."""
    return local_run.result()


@pytest.fixture
def copy_of_local(local: Study, tmp_path: Path) -> Callable[[], Study]:
    """Copy the finished study, Snakemake's memory of it included, to run parts of it again."""

    def copy() -> Study:
        shutil.copytree(local.project, tmp_path / "copy", symlinks=True)
        return Study(tmp_path / "copy", local.name, local.configs)

    return copy
