"""Projects in which the workflow is run; each is made once."""

import json
import shutil
from pathlib import Path

import pytest
from running import SMOKE, copy_project, listed, run_study, write_config
from shared import made_once

# Variants of all methods.
METHODS = {
    "plain": {},
    "counted": {"method": "quantised", "start": "plain"},
    "levels": {"method": "qcfs", "start": "plain"},
    "lean": {"method": "synop-loss", "start": "plain", "synops": 5e5},
    "even": {"method": "normalised", "start": "plain", "scales": [8.0]},
    "searched": {"method": "layer-search", "start": "plain", "scales": [1.0]},
    "leaner": {"method": "synop-loss", "start": "lean", "synops": 4e5, "teacher_weight": 0.5},
    "timed": {"method": "bptt", "start": "lean", "synops": 5e5, "scales": [1.0]},
}


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
    """The jobs of studies that together have every rule, as `listed` gives them.

    `crate` is the study `smoke` with the jobs that make a crate of it when it has ended.
    """

    def plan(folder: Path) -> None:
        project = copy_project(folder / "project")
        recordings = [f"digits/0/{number}.bin" for number in range(9)]
        for name in (*recordings, "mine/3/a.npz", "mine/3/b.AEDAT", "mine.pt"):
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            (project / name).write_bytes(bytes(5))
        write_config(
            project,
            "folder.yaml",
            study="folder",
            data={"source": "folder", "folder": "digits"},
            recordings="workflow/data/recordings-nmnist.tsv",
            evaluation={"sets": [{"name": "mine", "folder": "mine"}]},
        )
        write_config(project, "methods.yaml", variants=METHODS)
        write_config(project, "given.yaml", variants={"mine": {"weights": "mine.pt"}})
        write_config(project, "twins.yaml", simulation={"real_twins": "digits"})
        presets = ("smoke", "tutorial", "nmnist", "mnist-dvs")
        configs = {name: (f"workflow/presets/{name}.yaml",) for name in presets}
        configs |= {"folder": ("folder.yaml",), "twins": (SMOKE[1], "twins.yaml")}
        configs |= {name: (SMOKE[1], f"{name}.yaml") for name in ("methods", "given")}
        configs |= {"folder-methods": ("folder.yaml", "methods.yaml")}
        planned = {study: listed(project, *files) for study, files in configs.items()}
        planned["crate"] = listed(project, SMOKE[1], targets=("crate",))
        (folder / "planned.json").write_text(json.dumps(planned), encoding="utf-8")

    planned = made_once(tmp_path_factory, "studies", plan) / "planned.json"
    return json.loads(planned.read_text(encoding="utf-8"))
