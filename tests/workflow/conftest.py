"""Projects in which the workflow is run; each is made once."""

from pathlib import Path

import pytest
from running import SMOKE, copy_project, run_study


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which nothing has run yet; tests add config files only."""
    return copy_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which the smoke study ran once, undisturbed."""
    copy = copy_project(tmp_path_factory.mktemp("smoke"))
    run_study(copy, *SMOKE[1:])
    return copy
