"""Copies of the project, Snakemake run in them, and what a dry run plans."""

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SMOKE = ("--configfile", "workflow/presets/smoke.yaml")
LIST_JOBS = ROOT / "tests/workflow/list_jobs.py"
TIMEOUT_S = 900.0

# Jobs of a batch are indented.
_RULE = re.compile(r"\s*(?:local)?rule (\w+):$")
_ABOUT = re.compile(r"\s+(benchmark|input|output|resources|threads|wildcards): (.*)$")

Job = tuple[str, tuple[tuple[str, str], ...]]


def copy_project(target: Path) -> Path:
    """Copy what a clone would hold, uncommitted work included, to the new folder `target`."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder `name` that `make` fills, whichever process of this run asks first."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, done = base / name, base / f"{name}.done"
    with open(base / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def start_snakemake(
    project: Path, *args: str, stream: int | IO[str] = subprocess.PIPE
) -> subprocess.Popen[str]:
    """Start Snakemake in `project`, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", *args],
        cwd=project,
        stdin=subprocess.DEVNULL,
        stdout=stream,
        stderr=stream,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"},
    )


def run_program(folder: Path, *command: object, **environment: str) -> str:
    """Run a program of Python's in a folder, and return what it prints; fail if it fails."""
    words, env = [sys.executable, *map(str, command)], {**os.environ, **environment}
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def kill_all(process: subprocess.Popen[str], project: Path) -> None:
    """Kill a Snakemake and its jobs as a power cut would: no handler runs, nothing is tidied."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    # Jobs that left the group are known by the folder that they work in.
    for job in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if Path(job.cwd()) == project:
                job.kill()
                job.wait(10)


def run_snakemake(project: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run Snakemake in `project` to its end and return its status and both streams."""
    process = start_snakemake(project, *args)
    try:
        streams = process.communicate(timeout=TIMEOUT_S)
    except BaseException:
        kill_all(process, project)
        raise
    return subprocess.CompletedProcess(process.args, process.returncode, *streams)


def succeed(project: Path, *args: str) -> str:
    """Run Snakemake in `project`, and return what it says; fail if it fails."""
    done = run_snakemake(project, *args)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def fail(project: Path, *args: str) -> tuple[list[str], str]:
    """Run Snakemake to a failure; return the sentences of the study itself, and all of stderr."""
    done = run_snakemake(project, *args)
    assert done.returncode != 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return [line for line in done.stderr.splitlines() if line.startswith("Error: ")], done.stderr


def run_study(project: Path, *configs: str) -> None:
    """Run a study to its report."""
    succeed(project, "--cores", "2", "--configfile", *configs)


def write_config(project: Path, name: str, **sections: object) -> str:
    """Write a config file of a user's own into `project` and return its path there."""
    (project / name).write_text(yaml.safe_dump(sections, sort_keys=False), encoding="utf-8")
    return name


def write_recordings(path: Path, *rows: dict[str, str], beside: bool = False) -> str:
    """Write a table of recordings, `beside` those of the smoke study or alone; return its path."""
    shipped = ROOT / "workflow/data/recordings-smoke.tsv"
    header, *known = shipped.read_text(encoding="utf-8").splitlines()
    added = ["\t".join(row.get(key, "") for key in header.split("\t")) for row in rows]
    lines = [header, *(known if beside else ()), *added, ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def entries(text: str) -> dict[str, str]:
    """Return what Snakemake writes as ``key=value, key=value``."""
    return dict(pair.split("=", 1) for pair in text.split(", ") if pair)


def announced(project: Path, *args: str) -> list[dict[str, str]]:
    """Return of each job that a dry run announces its rule and its lines that `_ABOUT` knows."""
    text = succeed(project, "--dry-run", *args)
    jobs: list[dict[str, str]] = []
    for line in text.splitlines():
        if match := _RULE.match(line):
            jobs.append({"rule": match[1]})
        elif match := _ABOUT.match(line):
            jobs[-1][match[1]] = match[2]
    assert jobs or "Nothing to be done" in text, text
    return jobs


def listed(project: Path, *configs: str) -> list[dict[str, str]]:
    """Return of each job of a study its rule, wildcards, files, and the modules of its code."""
    return json.loads(run_program(project, LIST_JOBS, *configs).splitlines()[-1])


def pretend(project: Path, *args: str) -> list[dict[str, str]]:
    """Let Snakemake believe that a study has run, and return its jobs: its files are empty."""
    jobs = announced(project, *args)
    for job in jobs:
        for name in f"{job.get('output', '')}, {job.get('benchmark', '')}".split(", "):
            path = project / name
            (path.parent if path.suffix else path).mkdir(parents=True, exist_ok=True)
            if path.suffix:
                path.touch()
    succeed(project, "--touch", "--forceall", *args)
    return jobs


def planned_jobs(project: Path, *args: str) -> list[Job]:
    """Return the jobs that a dry run announces: (rule, its wildcards), sorted."""
    jobs = announced(project, "--cores", "2", *(args or SMOKE))
    return sorted((job["rule"], tuple(entries(job.get("wildcards", "")).items())) for job in jobs)


def counted(jobs: list[Job]) -> dict[str, int]:
    """Return how many jobs of each rule there are."""
    return dict(Counter(rule for rule, _ in jobs))


def planned(project: Path, *args: str) -> dict[str, int]:
    """Return how many jobs of each rule a dry run announces; empty: nothing to be done."""
    return counted(planned_jobs(project, *args))


@contextmanager
def edited(path: Path, change: Callable[[bytes], bytes]) -> Iterator[None]:
    """Change what a file holds; afterwards it is as it was, date included."""
    before, time_ns = path.read_bytes(), path.stat().st_mtime_ns
    try:
        path.write_bytes(change(before))
        yield
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(time_ns, time_ns))
