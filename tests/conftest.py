"""Which tests run a study: `-m "not study"` leaves them out."""

import pytest

# All tests of these folders, and those of others that use one of these fixtures.
FOLDERS = {"faults", "slurm"}
FIXTURES = {"smoke", "results", "nmnist"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that run a study, or much of one, through Snakemake."""
    for item in items:
        if item.path.parent.name in FOLDERS or FIXTURES & set(item.fixturenames):
            item.add_marker("study")
