"""What runs again when a setting changes: studies are planned with and without the change.

As Snakemake does, it takes a job as one to run if its params or the names of its inputs differ, if
its outputs are new, or if a job before it runs.
"""

import contextlib
import functools
import io
import multiprocessing
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from snakemake.api import SnakemakeApi
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, ResourceSettings
from snakemake.workflow import Workflow

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from dvs_snn.files.errors import StudyError  # noqa: E402
from dvs_snn.settings import study as study_settings  # noqa: E402
from dvs_snn.settings.study import as_dict, merged, read_study  # noqa: E402

# Studies that together have every rule.
STUDIES: dict[str, dict] = {
    "folder": {
        "study": "folder",
        "data": {"source": "folder", "folder": "digits"},
        "evaluation": {"sets": [{"name": "mine", "folder": "digits"}]},
        "recordings": "workflow/data/recordings-smoke.tsv",
    },
    **{
        path.stem: preset
        for path in sorted((ROOT / "workflow" / "presets").glob("*.yaml"))
        if "removed" not in (preset := yaml.safe_load(path.read_text(encoding="utf-8")))
    },
}
# Those that use a section, and those in which any other section differs.
USERS = {"simulation": ["smoke"], "data": ["folder", "mnist-dvs", "tutorial"]}
SHARING = ["smoke", "folder", "tutorial"]
ARCHIVE = {"url": "https://a.org/a.zip", "bytes": 5, "sha256": "0" * 64}
# What a study has before a key changes, so that the key is there.
BELOW: dict[str, dict] = {
    "data.sources": {"data": {"sources": {"mnist-dvs/grabbed_data0.zip": ARCHIVE}}},
    "simulation.step_recordings": {
        "variants": {"plain": {}, "timed": {"method": "bptt", "start": "plain"}}
    },
    "inference.device": {"inference": {"engine": "sinabs"}},
    "simulation.symbols.source": {"simulation": {"symbols": {"folder": "digits"}}},
}
# What keys change to where their types don't tell.
CHANGES: dict[str, Any] = {
    "data.classes": [*"0123456789", "ten"],
    "data.source": "nmnist",
    "evaluation.sets[].name": "yours",
    "data.local": "archives",
    "data.sources.<name>.url": "https://b.org/a.zip",
    "inference.engine": "sinabs",
    "model.name": "sorbaro",
    "recordings": "more.tsv",
    "sweep.scales": [0.46, 1.0, 2.15, 3.0],
    "variants": {"plain": {}, "more": {"epochs": 1}},
}

Place = tuple[str, ...]
Plan = dict[tuple, tuple[str, Any, set[tuple]]]


def prepared(folder: Path) -> None:
    """Fill a folder with the workflow, and with the files that studies and changes name.

    From then on settings rest on that workflow.
    """
    study_settings.WORKFLOW = folder / "workflow"
    for name in ("workflow", "docs"):
        shutil.copytree(ROOT / name, folder / name, dirs_exist_ok=True)
    for name in ("Snakefile", "config.yaml", "environment.yml", "CITATION.cff"):
        shutil.copy(ROOT / name, folder)
    sources = (ROOT / "workflow/data/sources.tsv").read_text(encoding="utf-8").splitlines()[1:]
    fetched = [f"data/{line.split()[0]}" for line in sources]
    for name in ("digits/0/0.bin", "more/0/0.bin", "archives/grabbed_data0.zip", *fetched):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(bytes(5))
    table = (ROOT / "workflow/data/recordings-smoke.tsv").read_text(encoding="utf-8")
    (folder / "more.tsv").write_text(table + "D\t\t4/test-1\t1\t4" + "\t" * 6 + "\n")


@functools.cache
def settings_of(study: str, below: str = "") -> dict:
    """Return all settings of a study, with an entry of `BELOW`."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    return as_dict(read_study(merged(merged(config, STUDIES[study]), BELOW.get(below, {}))))


@functools.cache
def plan_of(study: str, below: str = "") -> Plan:
    """Return the plan of a study, with an entry of `BELOW`."""
    return plan(settings_of(study, below))


def others(value: Any, kinds: list) -> Iterator[Any]:
    """Yield values that differ from one, of which a key may take some.

    Args:
        kinds: what an enumerated key may be.
    """
    yield from (kind for kind in kinds if kind != value)
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from (value + 1, value - 1, value * 1.01, value * 0.99, value + 0.01)
    elif isinstance(value, str):
        yield from ("more", "dvs128", "atis", "1" * 64)
    elif isinstance(value, list):
        for other in others(value[-1], kinds) if value else ():
            yield from ([*value, other], [*value[:-1], other])
    elif value is None:
        yield from (1, 0.5, "more", [0.5, 0.6], [64, 64])


def changed(value: Any, place: Place, change: Any) -> Any:
    """Return settings with what stands at a place changed, under any name and in any entry."""
    if not place:
        return change(value)
    if place[0] == "[]":
        return [changed(entry, place[1:], change) for entry in value]
    names = list(value) if place[0] == "<name>" else place[:1]
    return value | {name: changed(value.get(name), place[1:], change) for name in names}


def changes(before: dict, key: str, place: Place, kinds: list) -> Iterator[dict]:
    """Yield settings in which the key is another, as far as the models allow it."""
    seen: list[Any] = []
    changed(before, place, seen.append)
    for other in [CHANGES[key]] if key in CHANGES else others(seen[0] if seen else None, kinds):
        with contextlib.suppress(StudyError):
            after = as_dict(read_study(changed(before, place, lambda _, other=other: other)))
            if after != before:
                yield after


@contextlib.contextmanager
def planned(settings: ConfigSettings) -> Iterator[Workflow]:
    """Plan all jobs of a study in the working folder."""
    with contextlib.redirect_stderr(io.StringIO()), SnakemakeApi(OutputSettings()) as api:
        study = api.workflow(ResourceSettings(cores=2), settings, snakefile=Path("Snakefile"))
        study.dag(DAGSettings(forceall=True))
        workflow = study._workflow
        workflow._prepare_dag(True, ignore_incomplete=True, lock_warn_only=True, nolock=True)
        workflow._build_dag()
        yield workflow


def plan(config: dict) -> Plan:
    """Return of each job its rule, what Snakemake compares, and the jobs before it."""
    with planned(ConfigSettings(config=config)) as workflow:
        compared, after = workflow.persistence, workflow.dag.dependencies
        return {
            tuple(job.output): (
                job.rule.name,
                (compared._input(job), compared._params(job)),
                {tuple(other.output) for other in after[job]},
            )
            for job in workflow.dag.jobs
        }


def rules_to_run(before: Plan, after: Plan) -> set[str]:
    """Return the rules of the jobs that run when a plan becomes another."""
    running = {job for job in after if job not in before or before[job][1] != after[job][1]}
    while more := {job for job in after.keys() - running if after[job][2] & running}:
        running |= more
    return {after[job][0] for job in running} - {"all"}


def rules_after(key: str, place: Place, kinds: list) -> set[str]:
    """Return the rules that run again when a key changes, in any study that uses it."""
    below = next((start for start in BELOW if key.startswith(start)), "")
    rules: set[str] = set()
    for study in USERS.get(place[0], SHARING):
        for after in changes(settings_of(study, below), key, place, kinds):
            with contextlib.suppress(SystemExit):
                rules |= rules_to_run(plan_of(study, below), plan(after))
                break
    return rules


def all_rules_after(keys: dict[str, tuple[Place, list]]) -> dict[str, set[str]]:
    """Return of each key the rules that run again."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        prepared(Path(folder))
        for study in STUDIES:
            plan_of(study)
        # Snakemake keeps its plans in memory for good.
        with multiprocessing.get_context("fork").Pool(maxtasksperchild=8) as pool:
            rules_of = pool.starmap(rules_after, [(key, *about) for key, about in keys.items()], 1)
    return dict(zip(keys, rules_of, strict=True))
