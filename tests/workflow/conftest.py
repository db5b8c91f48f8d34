"""Projects in which the workflow is run; each is made once."""

import shutil
from pathlib import Path

import pytest
from running import SMOKE, announced, copy_project, run_study, write_config
from shared import made_once


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
def studies(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[dict[str, str]]]:
    """The jobs of studies that together have every rule, as a first dry run announces them."""
    folder = tmp_path_factory.mktemp("digits")
    (folder / "0").mkdir()
    for number in range(9):
        (folder / "0" / f"{number}.bin").write_bytes(bytes(5))
    own = {"study": "folder", "data": {"source": "folder", "folder": str(folder)}}
    own["recordings"] = "workflow/data/recordings-nmnist.tsv"
    mine = tmp_path_factory.mktemp("mine")
    (mine / "3").mkdir()
    for name in ("a.npz", "b.AEDAT"):
        (mine / "3" / name).write_bytes(b"")
    own["evaluation"] = {"sets": [{"name": "mine", "folder": str(mine)}]}
    write_config(project, "folder.yaml", **own)
    write_config(project, "twins.yaml", simulation={"real_twins": str(folder)})
    presets = ("smoke", "tutorial", "nmnist", "mnist-dvs")
    configs = {name: (f"workflow/presets/{name}.yaml",) for name in presets}
    configs |= {"folder": ("folder.yaml",), "twins": (SMOKE[1], "twins.yaml")}
    return {
        study: announced(project, "--cores", "2", "--configfile", *files)
        for study, files in configs.items()
    }
