"""Which tests are long (README's command leaves them out); what several files share."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import chromium
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser
from running import made_once, succeed
from studies import Study, fingerprints, tiny_study

# How long an example takes says more of a busy machine than of the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# All tests of these folders, and those of others that use the study which they damage.
LONG_FOLDERS = {"faults", "slurm"}
LONG_FIXTURES = {"finished"}
# The longest start first, so that of two processes neither ends long after the other.
FIRST = {"test_slurm", "test_kills", "test_storage", "test_reruns"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is long by its folder or by the study that it needs; put the longest first."""
    for item in items:
        if item.path.parent.name in LONG_FOLDERS or LONG_FIXTURES & set(item.fixturenames):
            item.add_marker("long")
    items.sort(key=lambda item: item.path.stem not in FIRST)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser without a network, for the tests of one file."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let children hear Ctrl-C also where a shell started the tests in the background: it has them
    ignore it, and what they start inherits that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The tiny study at its end. It runs once for all processes, undisturbed; don't write there."""

    def run(folder: Path) -> None:
        study = tiny_study(folder / "project")
        succeed(study.project, *study.command())

    return Study(made_once(tmp_path_factory, "tiny-finished", run) / "project")


@pytest.fixture(scope="session")
def undisturbed(finished: Study) -> dict[str, str]:
    """What the tiny study gives when nothing disturbs it: the hash of each file."""
    return fingerprints(finished.results)


@pytest.fixture
def tiny(finished: Study, tmp_path: Path) -> Study:
    """A copy of it, Snakemake's memory included, to be damaged or to go on."""
    return Study(shutil.copytree(finished.project, tmp_path / "tiny", symlinks=True))
