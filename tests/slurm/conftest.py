"""A SLURM of one node."""

import os
from collections.abc import Iterator

import pytest
from localhost import Cluster, NoSlurm, slurm

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
