"""The study through the shipped profile on a real SLURM: the same results, and faults told."""

import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from localhost import Cluster, NoSlurm, slurm
from running import TIMEOUT_S, kill_all, run_program, run_snakemake, start_snakemake
from studies import TINY_CONFIGS, Study

DONE = "COMPLETED"
DISTURBED = Path(__file__).parent / "disturbed"
# What differs on a machine with an empty queue: Snakemake looks often.
OFTEN = ("--slurm-init-seconds-before-status-checks", "6")
SUBMITTED = re.compile(r"Job \S+ has been submitted with SLURM jobid (\d+)")
# The arguments that run the study through the profile.
THROUGH = ("--workflow-profile", "workflow/profiles/slurm", *OFTEN, "--configfile", *TINY_CONFIGS)


def assert_same_results(study: Study, local: Study) -> None:
    """Fail with what differs if a study's manifest isn't the local run's."""
    manifests = [str(one.results / "manifest.csv") for one in (local, study)]
    run_program(study.project, "workflow/compare_manifests.py", *manifests)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """The SLURM that all tests share; they are skipped where there can be none, but not in CI."""
    try:
        with slurm() as started:
            yield started
    except NoSlurm as error:
        if os.environ.get("DVS_SNN_REQUIRE_SLURM"):
            raise
        pytest.skip(f"no SLURM: {error}")


def test_a_study_through_the_profile_is_the_local_one(cluster, finished, tmp_path):
    """Its project holds the kernels that the local study compiled, and none of its files."""
    left_out = shutil.ignore_patterns("tiny", ".snakemake")
    project = tmp_path / "project"
    study = Study(shutil.copytree(finished.project, project, symlinks=True, ignore=left_out))
    done = run_snakemake(project, *THROUGH)
    text = done.stdout + done.stderr
    assert done.returncode == 0, text
    records = cluster.records()
    assert {records[job].state for job in SUBMITTED.findall(text)} == {DONE}, text
    assert_same_results(study, finished)


def test_jobs_that_a_cluster_ended_are_told_and_run_again(
    cluster, finished, tiny, tmp_path, monkeypatch
):
    tiny.forget_training()
    marks = tmp_path / "disturbed"
    marks.mkdir()
    (marks / "calibrate").touch()
    monkeypatch.setenv("DISTURBED", str(marks))
    monkeypatch.setenv("PYTHONPATH", str(DISTURBED))
    # A minute is SLURM's shortest limit; the second attempt has ten more. Both jobs of the
    # batch run at once.
    batch = ("calibrate", "tell_apart")
    limits = [f"{rule}:runtime=10*attempt-9" for rule in batch]
    before = set(cluster.records())
    process = start_snakemake(tiny.project, *THROUGH, "--set-resources", *limits)
    said: list[str] = []
    guard = threading.Timer(TIMEOUT_S, kill_all, (process, tiny.project))
    guard.start()
    cancelled = None
    for line in process.stderr:
        said.append(line)
        if "DUE TO TIME LIMIT" in line:
            # On a slow machine the limit may come before the script does.
            (marks / "calibrate").unlink(missing_ok=True)
        if not cancelled and (match := re.search(r"SLURM jobid (\d+) .*/group_sweep", line)):
            cancelled = match[1]
            cluster.cancel_when_it_runs(cancelled)
    status = process.wait()
    guard.cancel()
    text = "".join(said)
    assert status == 0, text
    records = {job: record for job, record in cluster.records().items() if job not in before}
    unfinished = {record.state: job for job, record in records.items() if record.state != DONE}
    assert unfinished.keys() == {"TIMEOUT", "CANCELLED"}
    assert [record.state for record in records.values()].count(DONE) == len(records) - 2
    late = unfinished["TIMEOUT"]
    assert unfinished["CANCELLED"] == cancelled
    # The second attempt was given longer.
    assert records[late].limit_min == "1"
    assert "11" in {record.limit_min for record in records.values() if record.state == DONE}
    assert re.search(rf"JOB {late} ON .* DUE TO TIME LIMIT", text)
    assert re.search(rf"JOB {cancelled} ON .* CANCELLED AT", text)
    assert re.search(r"^ +rule calibrate:$", text, re.MULTILINE)
    assert_same_results(tiny, finished)
