"""The study through the shipped profiles on a real SLURM: the same results, and faults told."""

import re
import subprocess
import sys

import pytest
from conftest import small_study
from running import run_snakemake

TIMEOUT_S = 300.0
# What a queue of one node with nobody else in it allows: looking often.
OFTEN = {
    "slurm": ("--slurm-init-seconds-before-status-checks", "6"),
    "generic": ("--seconds-between-status-checks", "1"),
}
SUBMITTED = re.compile(
    r"Job \S+ has been submitted with SLURM jobid (\d+)"
    r"|Submitted .*job \S+ with external jobid '(\d+)'"
)


def submitted(text: str) -> list[str]:
    """Return the numbers of the jobs that Snakemake says it has submitted."""
    return [first or second for first, second in SUBMITTED.findall(text)]


def through(profile: str) -> tuple[str, ...]:
    """Return the arguments that run a study through a profile; localhost needs no others."""
    return ("--workflow-profile", f"workflow/profiles/{profile}", *OFTEN[profile])


@pytest.mark.parametrize("profile", ["slurm", "generic"])
def test_a_study_through_a_profile_is_the_local_one(profile, cluster, local, tmp_path):
    study = small_study(tmp_path / "project")
    arguments = (*through(profile), "--configfile", *study.configs)
    done = run_snakemake(study.project, *arguments, timeout=TIMEOUT_S)
    assert done.returncode == 0, done.stdout + done.stderr
    jobs = submitted(done.stdout + done.stderr)
    records = cluster.records()
    assert jobs
    assert {records[job].state for job in jobs} == {"COMPLETED"}, done.stderr
    compared = subprocess.run(
        [
            *(sys.executable, "workflow/compare_manifests.py"),
            *(local.results / "manifest.csv", study.results / "manifest.csv"),
        ],
        cwd=study.project,
        capture_output=True,
        text=True,
    )
    assert compared.returncode == 0, compared.stdout + compared.stderr
