"""Jobs killed at random moments, as a power cut does: the study goes on to the same files."""

import os
import random
import signal
import time

from running import kill_all, succeed
from studies import Study, Watched, check_against, tiny_study

# The longest jobs, one that writes several files, and one at the end.
TARGETS = ("simulate_set", "simulate_frames", "train", "infer", "gather", "plot_figure")
# When a job of theirs is killed at the latest; sooner if it ended before.
LONGEST_S = 3.0


def kill(run: Watched, study: Study, whole_group: bool, pause_s: float) -> None:
    """Kill Snakemake and its jobs at once, as in a power cut, or Snakemake first."""
    if not whole_group:
        os.kill(run.process.pid, signal.SIGKILL)
        run.process.wait()
        time.sleep(pause_s)
    kill_all(run.process, study.project)


def test_killed_again_and_again_a_study_gives_the_same_files(undisturbed, tmp_path):
    """After each kill every file that stands under its final name is checked."""
    study, rng = tiny_study(tmp_path / "killed"), random.Random()
    left, hit = set(TARGETS), []
    window = dict.fromkeys(TARGETS, LONGEST_S)
    run = Watched(study, "--rerun-incomplete")
    while run.process.poll() is None:
        if not (aimed := [rule for rule in left if run.running[rule] > 0]):
            time.sleep(0.01)
            continue
        rule = min(aimed)
        moment = time.monotonic() + rng.uniform(0.0, window[rule])
        while time.monotonic() < moment and run.running[rule] > 0:
            time.sleep(0.01)
        if not run.running[rule]:
            window[rule] /= 2
            continue
        # Not tried again though it may end before it is hit, or the round might never end.
        left.discard(rule)
        kill(run, study, rng.random() < 0.5, rng.uniform(0.0, 0.3))
        hit += [rule] if run.running[rule] > 0 else []
        check_against(undisturbed, study, whole=False)
        if any((study.project / ".snakemake/locks").glob("*")):
            succeed(study.project, *study.command("--unlock"))
        run = Watched(study, "--rerun-incomplete")
    assert run.wait() == 0, run.text
    check_against(undisturbed, study)
    # A job may be over before its random moment, but not most of them.
    assert len(hit) >= len(TARGETS) // 2, hit
