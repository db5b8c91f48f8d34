"""The profiles are read as they stand: every entry is an option that Snakemake knows."""

import importlib.util
from itertools import pairwise

import pytest
import yaml
from running import ROOT, SMOKE, run_snakemake

PROFILES = ROOT / "workflow/profiles"


def test_the_gpu_profile_plans_the_study(project):
    done = run_snakemake(project, "-n", "--workflow-profile", "workflow/profiles/local-gpu", *SMOKE)
    assert done.returncode == 0, done.stderr
    assert "train" in done.stdout + done.stderr


def test_the_slurm_profile_plans_the_study(project):
    arguments = ["-n", "--workflow-profile", "workflow/profiles/slurm"]
    if importlib.util.find_spec("snakemake_executor_plugin_slurm") is None:
        # Where the plugin isn't installed, all entries but the executor are still read.
        arguments += ["--executor", "dryrun"]
    done = run_snakemake(project, *arguments, *SMOKE)
    assert done.returncode == 0, done.stderr
    assert "train" in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["local-gpu", "slurm"])
def test_every_entry_of_a_profile_says_why(name):
    lines = (PROFILES / name / "profile.yaml").read_text(encoding="utf-8").splitlines()
    keys = yaml.safe_load("\n".join(lines))
    commented = {
        line.split(":")[0]
        for before, line in pairwise(lines)
        if before.startswith("#") and line and not line.startswith((" ", "#"))
    }
    assert commented == set(keys)
