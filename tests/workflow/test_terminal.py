"""What a run says: one line a stage on a terminal, Snakemake's own words elsewhere."""

import os
import re
from pathlib import Path

import pytest
from running import SMOKE, errors_of, run_on_terminal, run_snakemake, write_config

BLOCK = "    output: "
# How the terminal begins a stage's line.
STAGE = "evaluation +1"


def prepared(project: Path, study: str) -> tuple[str, ...]:
    """Return the options of a small study of that name."""
    return (*SMOKE, write_config(project, f"{study}.yaml", study=study))


def test_a_terminal_gets_a_line_a_stage_and_the_log_everything(project):
    options = prepared(project, "watched")
    target = "results/watched/tables/network.csv"
    logs = set(project.glob(".snakemake/log/*.log"))
    done = run_on_terminal(project, target, "--cores", "1", *options)
    assert done.returncode == 0, done.stdout
    assert BLOCK not in done.stdout
    assert "steps (100%) done" not in done.stdout
    assert re.search(f"\r{STAGE} job ", done.stdout)
    assert done.stdout.count("\n") < 12, done.stdout
    (log,) = set(project.glob(".snakemake/log/*.log")) - logs
    assert log.name in done.stdout
    assert re.search("^1 job$", done.stdout, re.M)
    assert f"{BLOCK}{target}" in log.read_text(encoding="utf-8")


def test_a_pipe_and_who_asks_for_them_get_snakemakes_words(project):
    options = ("--cores", "1", *prepared(project, "piped"))
    target = "results/piped/tables/network.csv"
    piped = run_snakemake(project, target, *options).stderr
    asked = run_on_terminal(project, target, "--forceall", "--printshellcmds", *options).stdout
    for text in (piped, asked):
        assert f"{BLOCK}{target}" in text
        assert "1 of 1 steps (100%) done" in text
        assert not re.search(STAGE, text)


def test_a_failed_job_ends_the_run_with_its_own_sentence(project):
    options = prepared(project, "failing")
    symbols = project / "results/failing/recordings/symbols.npz"
    done = run_snakemake(project, str(symbols.relative_to(project)), "--cores", "1", *options)
    assert done.returncode == 0, done.stderr
    times = symbols.stat()
    symbols.write_bytes(symbols.read_bytes()[:-1] + b"?")
    os.utime(symbols, ns=(times.st_atime_ns, times.st_mtime_ns))
    target = "results/failing/recordings/test.csv"
    log = "results/failing/logs/simulate_set/test.log"

    watched = run_on_terminal(project, target, "--cores", "1", *options)
    piped = run_snakemake(project, target, "--cores", "1", *options)
    for done, text in ((watched, watched.stdout), (piped, piped.stderr)):
        assert done.returncode == 1
        *_, sentence, where = text.splitlines()
        assert "symbols.npz: its sha256 is" in sentence
        assert log in where
    assert watched.stdout.count("its sha256 is") == 1
    assert "CalledProcessError" not in watched.stdout
    assert "message: None" not in watched.stdout
    # The job's own sentence is told once as an error, as before.
    assert len(errors_of(piped.stderr)) == 1
    assert "message: None" in piped.stderr


@pytest.mark.long
def test_a_finished_study_tells_accuracy_power_and_its_page(smoke):
    (smoke / "results/smoke/report.html").unlink()
    done = run_on_terminal(smoke, "--cores", "2", *SMOKE)
    assert done.returncode == 0, done.stdout
    *_, answer, page, note = done.stdout.replace("\x1b[0m", "").splitlines()
    assert " mW (40 simulated recordings, 2 seeds)" in answer
    assert page == "page: results/smoke/report.html"
    assert note == "smoke: not a result"
    assert BLOCK not in done.stdout
