"""Ctrl-C, and two runs at once."""

import os
import re
import shutil
import signal
import time

import pytest
from running import fail, succeed
from studies import Study, Watched, check_against, leftovers

pytestmark = pytest.mark.usefixtures("interruptible")


def _wait_for(run: Watched, study: Study, log: str, words: str) -> None:
    """Wait until the log of a job holds some words."""
    path = study.results / "work/logs" / log
    while not (path.exists() and words in path.read_text()):
        assert run.process.poll() is None, run.text
        time.sleep(0.02)


def test_ctrl_c_and_a_second_run_leave_a_study_that_goes_on(undisturbed, tiny: Study):
    tiny.forget_training()
    for is_second in (False, True):
        shutil.rmtree(tiny.results / "work/logs")
        # Whether Snakemake hears of its jobs' end before its own is chance: so is what it marks.
        run = Watched(tiny, "--rerun-incomplete")
        _wait_for(run, tiny, "train/plain~seed-1.log", " of 10: loss ")
        if is_second:
            # While a run is at work, a second one is refused and the first is none the worse.
            (sentence,), _ = fail(tiny.project, *tiny.command("--rerun-incomplete"))
            assert re.search("another run is at work .* --unlock", sentence), sentence
            assert run.process.poll() is None
        # As Ctrl-C does in a terminal.
        os.killpg(run.process.pid, signal.SIGINT)
        assert run.wait(60) != 0
        assert [line for line in run.text.splitlines() if line.startswith("Error: ")] == []
        assert "The run stopped; " in run.text
        assert "The same command goes on where it stopped" in run.text
        assert not any((tiny.project / ".snakemake/locks").glob("*"))
        check_against(undisturbed, tiny, whole=False)
    succeed(tiny.project, *tiny.command("--rerun-incomplete"))
    # A job that is ended while it writes may leave a temporary file, which the next one removes.
    assert not [name for name in leftovers(tiny.results) if ".part-" in name]
    check_against(undisturbed, tiny)
