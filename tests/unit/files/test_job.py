"""The edge of a job: its log, its progress, its exit status. Run as a process of its own."""

import io
import logging
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import ValidationError

from dvs_snn.files.job import Progress, job_of

SCRIPTS = Path(__file__).parents[3] / "workflow" / "scripts"


def _run(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(SCRIPTS), **env},
        capture_output=True,
        text=True,
        timeout=60,
    )


def _job(tmp_path: Path, body: str, **env: str) -> tuple[int, str, str]:
    """Run `body` inside a job; return its status, what the user sees, its log."""
    code = (
        "import os, sys, warnings, logging\n"
        "from dvs_snn.files.errors import StudyError\n"
        "from dvs_snn.files.job import logged\n"
        f"with logged({str(tmp_path / 'job.log')!r}, 'results/x.npy') as progress:\n    {body}\n"
    )
    done = _run(code, **env)
    assert done.stdout == ""
    return done.returncode, done.stderr, (tmp_path / "job.log").read_text()


def test_both_streams_of_a_job_go_to_its_log(tmp_path):
    status, seen, log = _job(
        tmp_path,
        "print('out'); print('err', file=sys.stderr); os.system('echo below'); "
        "warnings.warn('watch'); progress.say('line')",
    )
    assert (status, seen) == (0, "")
    for word in ("out", "err", "below", "watch", "line"):
        assert word in log


DISK_FULL = "Error: results/x.npy: no space is left on its disk; free some and run the same "


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("StudyError('file x: found 1, expected 2.')", "Error: file x: found 1, expected 2.\n"),
        ("ZeroDivisionError('by zero')", "Error: ZeroDivisionError: by zero"),
        ("OSError(28, 'No space left on device')", DISK_FULL),
        ("RuntimeError('I/O error: No space left on device (os error 28)')", DISK_FULL),
        ("ValueError('write') from OSError(122, 'quota')", DISK_FULL),
        (
            "OSError(30, 'Read-only file system', 'results/x')",
            "Error: results/x: can't be written or read (Read-only file system); ",
        ),
    ],
)
def test_a_fault_is_one_sentence_and_status_1(tmp_path, error, told):
    status, seen, log = _job(tmp_path, f"raise {error}")
    assert status == 1
    assert seen.startswith(told)
    sentence, where = seen.splitlines()
    assert log.endswith(sentence.removeprefix("Error: ") + "\n")
    assert where == f"    its log: {tmp_path / 'job.log'}"
    # Only a fault of the study itself has a stack trace.
    assert ("Traceback" in log) == error.startswith("Zero")


def test_a_log_that_cannot_be_opened_fails():
    done = _run("from dvs_snn.files.job import logged\nwith logged('no/such/job.log', 'x'): pass")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_is_no_fault_even_where_a_library_makes_an_error_of_it(tmp_path):
    status, seen, log = _job(
        tmp_path,
        "import signal\n"
        "    try: signal.raise_signal(signal.SIGINT)\n"
        "    except KeyboardInterrupt: raise ValueError('the library broke off')",
    )
    assert (status, seen) == (-signal.SIGINT, "")
    assert "ValueError: the library broke off" in log


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no file that is always full")
def test_a_job_whose_log_takes_nothing_tells_the_user(tmp_path):
    (tmp_path / "job.log").symlink_to("/dev/full")
    code = (
        "from dvs_snn.files.job import logged\n"
        f"with logged({str(tmp_path / 'job.log')!r}, 'x'):\n    raise ValueError('x is 1.')\n"
    )
    done = _run(code)
    # Python's own end can't write its streams out either.
    assert done.returncode != 0
    assert done.stderr.startswith("Error: ValueError: x is 1.")


def test_progress_is_plain_lines_where_nobody_watches(caplog):
    terminal = io.StringIO()
    with (
        caplog.at_level(logging.INFO, logger="progress"),
        Progress(terminal, every_s=0.0).bar(10, "frame", "seed 1") as bar,
    ):
        bar.advance(4, loss="0.5")
        bar.advance(6)
    assert terminal.getvalue() == ""
    lines = [record.message for record in caplog.records]
    assert re.fullmatch(r"seed 1: 4 of 10 frames, \d+/s, loss 0\.5", lines[0])
    assert re.fullmatch(r"seed 1: 10 of 10 frames, \d+/s", lines[1])
    with Progress(terminal, every_s=60.0).bar(2, "frame", "x") as bar:
        bar.advance(1)
    assert len(caplog.records) == 2


def test_a_bar_is_shown_where_somebody_watches():
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    with Progress(terminal).bar(10, "frame", "seed 1") as bar:
        bar.advance(5, loss="0.5")
        bar.line.refresh()
    for words in ("seed 1", "5/10", "loss=0.5"):
        assert words in terminal.getvalue()


@dataclass(frozen=True)
class Training:
    """A job's object, as a rule fills it."""

    weights: Path
    seed: int
    scales: list[float]
    start: Path | None = None


NAMED = {"weights": "w.safetensors", "scales": ["0.50", 1]}


def test_a_job_is_made_from_the_names_of_its_rule():
    named = {**NAMED, "trigger_code": "a1b2"}
    job = job_of(Training, named, {"seed": "3", "variant": "plain"})
    assert job == Training(Path("w.safetensors"), 3, [0.5, 1.0])
    with pytest.raises(ValidationError, match="number"):
        job_of(Training, {**NAMED, "scales": ["wide"]}, {"seed": "3"})


@pytest.mark.parametrize(
    ("named", "words"),
    [
        (
            {**NAMED, "strat": "s"},
            r"Training differ in names: the rule alone gives strat; the job alone has start "
            r"\(may be left out\); use one name",
        ),
        ({"weights": "w"}, "Training differ .*gives none; the job alone has scales, start "),
    ],
)
def test_names_that_rule_and_job_do_not_share_are_told(named, words):
    with pytest.raises(ValueError, match=words):
        job_of(Training, named, {"seed": "3"})
