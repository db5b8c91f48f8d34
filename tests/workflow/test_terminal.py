"""What a run says on a terminal: one line a stage, and the sentence of a job that fails."""

import re
from pathlib import Path

from running import SMOKE, fail, run_on_terminal, succeed, write_config, write_unseen

BLOCK = "    output: "
# How the terminal begins a stage's line.
STAGE = "convert +1"


def prepared(project: Path, study: str) -> tuple[str, ...]:
    """Return the options of a small study of that name."""
    return (*SMOKE, write_config(project, f"{study}.yaml", study=study))


def test_a_terminal_gets_a_line_a_stage_and_the_log_everything(project):
    options = prepared(project, "watched")
    target = "results/watched/tables/network.csv"
    logs = set(project.glob(".snakemake/log/*.log"))
    status, text = run_on_terminal(project, target, "--cores", "1", *options)
    assert status == 0, text
    assert BLOCK not in text
    assert re.search(f"\r{STAGE} job ", text)
    assert text.count("\n") < 12, text
    (log,) = set(project.glob(".snakemake/log/*.log")) - logs
    assert log.name in text
    assert re.search("^1 job$", text, re.M)
    assert f"{BLOCK}{target}" in log.read_text(encoding="utf-8")


def test_a_failed_job_ends_the_run_with_its_own_sentence(project):
    options = prepared(project, "failing")
    symbols = project / "results/failing/work/recordings/symbols.npz"
    succeed(project, str(symbols.relative_to(project)), "--cores", "1", *options)
    write_unseen(symbols, symbols.read_bytes()[:-1] + b"?")
    target = "results/failing/work/recordings/test.csv"
    log = "results/failing/work/logs/simulate_set/test.log"

    status, watched = run_on_terminal(project, target, "--cores", "1", *options)
    assert status == 1
    errors, piped = fail(project, target, "--cores", "1", *options)
    for text in (watched, piped):
        *_, sentence, where = text.splitlines()
        assert "symbols.npz: its sha256 is" in sentence
        assert log in where
    assert watched.count("its sha256 is") == 1
    assert "CalledProcessError" not in watched
    assert len(errors) == 1
