"""Ctrl-C, and two runs at once."""

import os
import signal
import time

from killing import Watched, check_against
from running import run_snakemake
from studies import Study, leftovers, tiny_study


def _wait_for(run: Watched, rule: str) -> None:
    while rule not in run.under_way:
        assert run.process.poll() is None, "".join(run.lines)
        time.sleep(0.02)


def _interrupt(run: Watched) -> int:
    """Do what Ctrl-C does in a terminal: interrupt Snakemake and its jobs."""
    os.killpg(run.process.pid, signal.SIGINT)
    return run.wait(60)


def _others_at_work(study: Study) -> bool:
    return any((study.project / ".snakemake/locks").glob("*"))


def test_ctrl_c_and_a_second_run_leave_a_study_that_goes_on(undisturbed, tmp_path):
    study = tiny_study(tmp_path / "interrupted")
    for rule in ("simulate_frames", "train"):
        run = Watched(study, "--rerun-incomplete")
        _wait_for(run, rule)
        if rule == "train":
            # While a run is at work, a second one is refused and the first is none the worse.
            second = run_snakemake(study.project, *study.command())
            assert second.returncode != 0
            assert "Directory cannot be locked" in second.stderr
            assert "--unlock" in second.stderr
            assert run.process.poll() is None
        time.sleep(1.0)
        assert _interrupt(run) != 0
        assert "Traceback" not in "".join(run.lines)
        assert not [name for name in leftovers(study.results) if ".part-" in name]
        assert not _others_at_work(study)
        check_against(undisturbed, study, whole=False)
    done = run_snakemake(study.project, *study.command("--rerun-incomplete"))
    assert done.returncode == 0, done.stderr
    check_against(undisturbed, study)
