"""The study through the shipped profiles on a real SLURM: the same results, and faults told."""

import re
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
from running import TIMEOUT_S, kill_all, run_program, run_snakemake, start_snakemake
from studies import Study

DONE = "COMPLETED"
DISTURBED = Path(__file__).parent / "disturbed"
# What a user sets in a copy of the profile: docs/cluster.md.
SITE = {
    "slurm": {
        "  # slurm_account: your-account": "  slurm_account: physics",
        "  # slurm_partition: your-partition": "  slurm_partition: test",
        "  # qos: your-qos": "  qos: normal",
    },
    "generic": {"  sbatch\n": "  sbatch --account=physics --partition=test --qos=normal\n"},
}
# What differs on a machine with an empty queue: Snakemake looks often.
OFTEN = {
    "slurm": ("--slurm-init-seconds-before-status-checks", "6"),
    "generic": ("--seconds-between-status-checks", "1"),
}
SUBMITTED = re.compile(
    r"Job \S+ has been submitted with SLURM jobid (\d+)"
    r"|Submitted .*job \S+ with external jobid '(\d+)'"
)


class Run(NamedTuple):
    """A study that was run through a profile, and what Snakemake said."""

    study: Study
    status: int
    text: str


def through(profile: str, study: Study) -> tuple[str, ...]:
    """Copy a profile, set the site's values in it, and return the arguments that run the study."""
    own = study.project / "mine"
    shutil.copytree(study.project / "workflow/profiles" / profile, own)
    text = (own / "profile.yaml").read_text(encoding="utf-8")
    for shipped, set_to in SITE[profile].items():
        assert text.count(shipped) == 1, shipped
        text = text.replace(shipped, set_to)
    (own / "profile.yaml").write_text(text, encoding="utf-8")
    return ("--workflow-profile", "mine", *OFTEN[profile], "--configfile", *study.configs)


def assert_same_results(study: Study, local: Study) -> None:
    """Fail with what differs if a study's manifest isn't the local run's."""
    manifests = [str(one.results / "manifest.csv") for one in (local, study)]
    run_program(study.project, "workflow/compare_manifests.py", *manifests)


@pytest.fixture(scope="module")
def runs(cluster, finished, tmp_path_factory) -> dict[str, Run]:
    """The tiny study through each profile, both at once: most of the time is waiting.

    The projects hold the kernels that the study without a cluster compiled, and none of its files.
    """
    local, _ = finished

    def run(profile: str) -> Run:
        project = tmp_path_factory.mktemp(profile) / "project"
        left_out = shutil.ignore_patterns(local.name, ".snakemake")
        shutil.copytree(local.project, project, symlinks=True, ignore=left_out)
        study = Study(project, local.name, local.configs)
        assert not study.results.exists()
        done = run_snakemake(study.project, *through(profile, study))
        return Run(study, done.returncode, done.stdout + done.stderr)

    with ThreadPoolExecutor(len(OFTEN)) as pool:
        return dict(zip(OFTEN, pool.map(run, OFTEN), strict=True))


@pytest.mark.parametrize("profile", OFTEN)
def test_a_study_through_a_profile_is_the_local_one(profile, runs, cluster, finished):
    run = runs[profile]
    assert run.status == 0, run.text
    jobs = [first or second for first, second in SUBMITTED.findall(run.text)]
    records = [cluster.records()[job] for job in jobs]
    assert {record[:3] for record in records} == {(DONE, "physics", "test")}, run.text
    assert_same_results(run.study, finished[0])


def test_jobs_that_a_cluster_ended_are_told_and_run_again(
    cluster, finished, finished_copy, tmp_path, monkeypatch
):
    study = finished_copy()
    study.forget_training()
    marks = tmp_path / "disturbed"
    marks.mkdir()
    (marks / "calibrate").write_text("hang")
    (marks / "train").write_text("fail")
    monkeypatch.setenv("DISTURBED", str(marks))
    monkeypatch.setenv("PYTHONPATH", str(DISTURBED))
    # A minute is SLURM's shortest limit; the second attempt has ten more. Two of the batch's three
    # jobs run at once, so the batch is given twice as long.
    batch = ("calibrate", "record_probe", "tell_apart")
    limits = [f"{rule}:runtime=10*attempt-9" for rule in batch]
    before = set(cluster.records())
    process = start_snakemake(study.project, *through("slurm", study), "--set-resources", *limits)
    said: list[str] = []
    guard = threading.Timer(TIMEOUT_S, kill_all, (process, study.project))
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
    (tmp_path / "said.log").write_text(text)
    assert status == 0, text
    records = {job: record for job, record in cluster.records().items() if job not in before}
    unfinished = {record.state: job for job, record in records.items() if record.state != DONE}
    assert unfinished.keys() == {"TIMEOUT", "FAILED", "CANCELLED"}
    assert [record.state for record in records.values()].count(DONE) == len(records) - 3
    late, failed = unfinished["TIMEOUT"], unfinished["FAILED"]
    assert unfinished["CANCELLED"] == cancelled
    # The second attempt was given longer.
    assert records[late].limit_min == "2"
    assert "22" in {record.limit_min for record in records.values() if record.state == DONE}
    # Of a single job Snakemake tells the state; of a batch the log that it shows does.
    assert f"SLURM-job '{failed}' failed, SLURM status is: 'FAILED'" in text
    assert re.search(r"^Error in rule train:$", text, re.MULTILINE)
    log = re.search(r"^Logfile \S*train/plain~seed-1\.log:\n=+\n(.*?)\n=+$", text, re.M | re.DOTALL)
    # The first large file of a training is the one that keeps its state.
    found = r"^Traceback .*\bresume\.save\(.*^OSError: .*File too large"
    assert re.search(found, log[1], re.M | re.DOTALL)
    assert re.search(rf"JOB {late} ON .* DUE TO TIME LIMIT", text)
    assert re.search(rf"JOB {cancelled} ON .* CANCELLED AT", text)
    assert re.search(r"^ +rule calibrate:$", text, re.MULTILINE)
    assert_same_results(study, finished[0])
