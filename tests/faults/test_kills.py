"""Jobs killed at random moments, as a power cut does: the study goes on to the same files."""

import random

from killing import run_killed
from studies import tiny_study

# The longest jobs, the one that resumes, one that writes several files, and one at the end.
TARGETS = ("simulate_set", "simulate_frames", "train", "infer", "gather", "plot_figure")


def test_killed_again_and_again_a_study_gives_the_same_files(undisturbed, tmp_path):
    study = tiny_study(tmp_path / "killed")
    kills = run_killed(study, TARGETS, undisturbed, random.Random())
    # A job may be over before its random moment, but not most of them.
    assert len(kills) >= len(TARGETS) // 2, kills
