"""The profiles are read as they stand: every entry is an option that Snakemake knows."""

import os
import re
import shutil

import yaml
from running import ROOT, SMOKE, announced, entries, fail, succeed

PROFILES = ROOT / "workflow/profiles"
CONDA = """#!/bin/sh
case $1 in
    info) echo '{"conda_version": "24.9.2", "conda_prefix": "/opt", "platform": "linux-64"}' ;;
    config) echo '{"get": {"channel_priority": "strict"}}' ;;
    *) echo "conda 24.9.2" ;;
esac
"""


def test_the_cluster_profile_plans_the_study(project):
    profile = ("--workflow-profile", "workflow/profiles/slurm")
    assert "Group job sweep-plain-1" in succeed(project, "-n", *profile, *SMOKE)
    for job in announced(project, *profile, *SMOKE):
        assert entries(job["resources"]).keys() >= {"mem_mb", "runtime"}, job["rule"]


def test_every_job_runs_in_the_environment_of_the_study(project, tmp_path, monkeypatch):
    """A stand-in for conda says what Snakemake asks of it."""
    conda = tmp_path / "conda"
    conda.write_text(CONDA)
    conda.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    text = succeed(project, "-n", "--sdm", "conda", *SMOKE)
    told = re.findall("^Conda environment (.*) will be created.$", text, re.M)
    assert told == ["environment.yml"]


def test_a_missing_plugin_is_told_in_one_sentence(project, tmp_path):
    package = "snakemake-executor-plugin-slurm"
    shutil.copytree(project / "workflow/profiles/slurm", tmp_path / "slurm")
    profile = tmp_path / "slurm/profile.yaml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(text.replace(package.replace("-", "_"), "not_there"), encoding="utf-8")
    (_,), stderr = fail(project, "-n", "--workflow-profile", str(profile.parent), *SMOKE)
    assert "usage:" not in stderr
    (pinned,) = re.findall(f"^{package}==.*$", (ROOT / "requirements.txt").read_text(), re.M)
    assert f"-m pip install {pinned}\n" in stderr


def test_batches_of_the_cluster_profile_have_rules():
    slurm = yaml.safe_load((PROFILES / "slurm/profile.yaml").read_text(encoding="utf-8"))
    rules = "".join(path.read_text("utf-8") for path in (ROOT / "workflow/rules").glob("*.smk"))
    names = re.findall(r"^ *(?:use rule \w+ as|rule) (\w+)(?: with)?:", rules, re.MULTILINE)
    assert set(names) > slurm["groups"].keys()
    named = set(re.findall(r'^ *group:\n *"(.*)"$', rules, re.MULTILINE))
    assert set(slurm["group-components"]) == named | set(slurm["groups"].values())
