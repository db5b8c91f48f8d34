"""Projects in which the workflow is run; each is made once."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback.server import Loopback, serving
from running import SMOKE, copy_project, listed, made_once, run_study, write_config


@pytest.fixture(scope="module")
def server() -> Iterator[Loopback]:
    """A server on this machine, for the archives of one file's tests."""
    with pytest.MonkeyPatch.context() as patch, serving() as loopback:
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield loopback


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which nothing has run yet; tests add config files only."""
    return copy_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which the smoke study ran once, undisturbed.

    It runs once for all processes; each has its own copy, since tests edit files there.
    """

    def run(folder: Path) -> None:
        run_study(copy_project(folder), *SMOKE[1:])

    finished = made_once(tmp_path_factory, "smoke-finished", run)
    copy = tmp_path_factory.mktemp("smoke") / "project"
    return shutil.copytree(finished, copy, symlinks=True)


@pytest.fixture(scope="session")
def studies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, str]]]:
    """The jobs of a study of simulated recordings and of one of files, as `listed` gives them."""

    def plan(folder: Path) -> None:
        project = copy_project(folder / "project")
        for name in ("digits/0/0.bin", "mine/3/a.npz", "mine/3/b.AEDAT"):
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            (project / name).write_bytes(bytes(5))
        files = write_config(
            project,
            "folder.yaml",
            study="folder",
            data={"source": "folder", "folder": "digits"},
            recordings="workflow/data/recordings-nmnist.tsv",
            evaluation={"sets": [{"name": "mine", "folder": "mine"}]},
        )
        planned = {"smoke": listed(project, SMOKE[1]), "folder": listed(project, files)}
        (folder / "planned.json").write_text(json.dumps(planned), encoding="utf-8")

    planned = made_once(tmp_path_factory, "studies", plan) / "planned.json"
    return json.loads(planned.read_text(encoding="utf-8"))
