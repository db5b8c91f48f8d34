"""Which tests run a study: `-m "not study"` leaves them out."""

import pytest

# All tests of these folders, and those of others that use one of these fixtures.
FOLDERS = {"faults", "slurm"}
FIXTURES = {"smoke", "results", "nmnist"}
# Files that take longest, in this order: of two processes neither ends long before the other.
LONGEST = ["test_slurm", "test_reruns", "test_kills", "test_damage", "test_disks", "test_networks"]


def _place(item: pytest.Item) -> int:
    return LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that run a study, or much of one, through Snakemake; put the longest first."""
    for item in items:
        if item.path.parent.name in FOLDERS or FIXTURES & set(item.fixturenames):
            item.add_marker("study")
    items.sort(key=_place)
