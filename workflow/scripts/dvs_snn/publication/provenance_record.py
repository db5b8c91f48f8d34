"""The provenance of the results: code, versions, machine, data."""

import hashlib
import importlib.metadata
import json
import os
import platform
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
import yaml
from safetensors import safe_open

from dvs_snn.files.atomic import replacing
from dvs_snn.files.tables import read_csv

CLONE = Path(__file__).resolve().parents[4]
PACKAGES = (
    "snakemake",
    "torch",
    "torchvision",
    "pytorch-optimizer",
    "sinabs",
    "numpy",
    "pandas",
    "scikit-learn",
    "statsmodels",
    "matplotlib",
    "safetensors",
    "numba",
    "scipy",
    "mlxtend",
)


def git_state(root: Path) -> dict[str, object]:
    """Return the commit and whether files differ from it; both None outside a checkout."""

    def ask(*arguments: str) -> str | None:
        try:
            done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True)
        except OSError:
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    status = ask("status", "--porcelain", "--untracked-files=no")
    return {"commit": ask("rev-parse", "HEAD"), "dirty": None if status is None else bool(status)}


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _machine() -> dict[str, object]:
    """Return processor, cores, memory and operating system; no host name."""
    info = Path("/proc/cpuinfo")
    text = info.read_text() if info.exists() else ""
    model = re.search(r"^model name\s*:(.*)", text, re.MULTILINE)
    return {
        "cpu": model[1].strip() if model else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1024**3, 1),
        "platform": f"{platform.system()} {platform.machine()}",
    }


def data_record(name: str, path: Path) -> dict[str, object]:
    """Return one hash over the sorted sha256 of all files that a split table lists."""
    table = read_csv(path, ["sha256"], usecols=["sha256"], dtype="str", keep_default_na=False)
    listed = [sha256 for sha256 in table["sha256"] if sha256]
    if not listed:
        return {"name": name, "n_files": 0, "sha256": "made by the study itself: no files"}
    digest = hashlib.sha256("\n".join(sorted(listed)).encode()).hexdigest()
    return {"name": name, "n_files": len(listed), "sha256": digest}


@dataclass(frozen=True)
class ProvenanceJob:
    """What the rule `provenance` gives.

    Attributes:
        weights: networks, whose metadata tell how they were trained, or the file that was given.
        split, twins, sets: split tables of the study's recordings, of real twins, of added sets.
        receipts: of archives.
        citation: ``CITATION.cff``.
        settings: the config in force, as JSON.
        rerun: the command that makes the same study again.
        record, config: ``provenance.json`` and ``config.used.yaml``.
        clone: the clone that the workflow is run from.
    """

    weights: list[Path]
    split: list[Path]
    twins: list[Path]
    sets: list[Path]
    receipts: list[Path]
    citation: Path
    seeds: list[int]
    settings: str
    rerun: str
    record: Path
    config: Path
    clone: Path = CLONE


def write_provenance(job: ProvenanceJob) -> None:
    """Write ``provenance.json`` and ``config.used.yaml`` (rule provenance)."""
    settings = json.loads(job.settings)
    trained = []
    given = {}
    for path in job.weights:
        with safe_open(path, framework="np") as file:
            training = json.loads(file.metadata()["about"])
        if "given" in training:
            given[training["given"]["name"]] = training["given"]
        else:
            trained.append(training)

    data = [data_record("recordings of the study", path) for path in job.split]
    data += [data_record("real twins", path) for path in job.twins]
    data += [data_record(f"set {path.stem}", path) for path in sorted(job.sets)]
    for path in job.receipts:
        data.append({"n_files": 1, **json.loads(path.read_text(encoding="utf-8"))})
    data += [given[name] for name in sorted(given)]

    devices = sorted({f"{each['device']} ({each['precision']})" for each in trained})
    facts = {
        "version": str(yaml.safe_load(job.citation.read_text(encoding="utf-8"))["version"]),
        **git_state(job.clone),
        "versions": {
            "python": platform.python_version(),
            **{name: _version(name) for name in PACKAGES},
        },
        "machine": _machine(),
        "device": ", ".join(devices),
        "device_flags": {key: value for each in trained for key, value in each["flags"].items()},
        "inference": {key: settings["inference"][key] for key in ("timing", "engine")},
        "seeds": job.seeds,
        "data": data,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "rerun_command": job.rerun,
    }
    _write(job.record, json.dumps(facts, indent=2) + "\n")
    _write(job.config, yaml.safe_dump(settings, sort_keys=False, allow_unicode=True))


def _write(path: Path, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
