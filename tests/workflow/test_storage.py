"""Results on object storage, against a server on this machine, are those of a disk."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running import SMOKE, copy_project, run_snakemake, succeed

pytestmark = pytest.mark.long

NEEDS = "pip install -r tests/s3-requirements.txt"
pytest.importorskip("snakemake_storage_plugin_s3", reason=NEEDS)
pytest.importorskip("snakemake_executor_plugin_cluster_generic", reason=NEEDS)
boto3 = pytest.importorskip("boto3", reason=NEEDS)
moto = pytest.importorskip("moto.server", reason=NEEDS)

PREFIX = "one/run"
STORED = ("--default-storage-provider", "s3", "--default-storage-prefix", f"s3://studies/{PREFIX}")
SECRET = "no-secret"
# What a machine of a cloud has: an empty folder, and the script of its job.
NODE = """\
cd "$(mktemp -d "$(dirname "$0")"/node-XXXXXX)" || exit
sh "$1" >node.log 2>&1 && pwd
"""
CLOUD = (
    "--executor", "cluster-generic", "--jobs", "2", "--shared-fs-usage", "none",
    "--job-deploy-sources", "--cluster-generic-submit-cmd", "sh ../node.sh",
    # A job has ended when it is submitted; behind the # stands its name.
    "--cluster-generic-status-cmd", "echo success #", "--seconds-between-status-checks", "1",
)  # fmt: skip


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An empty bucket on a server of this machine, which Snakemake finds by its environment."""
    server = moto.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    for name, value in (("ENDPOINT_URL", address), ("ACCESS_KEY", SECRET), ("SECRET_KEY", SECRET)):
        monkeypatch.setenv(f"SNAKEMAKE_STORAGE_S3_{name}", value)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    storage = boto3.resource(
        "s3", endpoint_url=address, region_name="us-east-1",
        aws_access_key_id=SECRET, aws_secret_access_key=SECRET,
    )  # fmt: skip
    empty = storage.create_bucket(Bucket="studies")
    yield empty
    # All servers of a process share what they store.
    empty.objects.all().delete()
    empty.delete()
    server.stop()


def test_results_on_object_storage_are_those_of_a_disk(bucket, smoke, tmp_path):
    project = copy_project(tmp_path / "project")
    text = succeed(project, "--cores", "2", *STORED, *SMOKE)
    results = f"{PREFIX}/results/smoke"
    assert f"page: s3://studies/{results}/report.html" in text
    assert [path.name for path in (project / "results").iterdir()] == ["README.md"]

    manifest = bucket.Object(f"{results}/manifest.csv").get()["Body"].read()
    assert manifest == (smoke / "results/smoke/manifest.csv").read_bytes()
    kept = {stored.key.removeprefix(f"{results}/") for stored in bucket.objects.all()}
    on_disk = {
        path.relative_to(smoke / "results/smoke").as_posix()
        for path in (smoke / "results/smoke").rglob("*")
        if path.is_file()
    }
    # No rule names it, since most studies don't have it; the page and the figures say the same.
    on_disk.remove("tables/NOT-A-RESULT.txt")
    assert len(kept) > 50
    assert kept == on_disk
    assert "Nothing to be done" in succeed(project, "--cores", "2", *STORED, *SMOKE)


def test_jobs_on_machines_without_a_shared_folder_need_the_storage_alone(
    bucket, smoke, tmp_path, monkeypatch
):
    weights = "results/smoke/work/training/plain/seed-1/weights.safetensors"
    project = copy_project(tmp_path / "project")
    (tmp_path / "node.sh").write_text(NODE)
    # What git tracks travels to the jobs.
    subprocess.run("git init -q && git add .", shell=True, cwd=project, check=True)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    done = run_snakemake(project, *CLOUD, *STORED, *SMOKE, "--", weights)
    logs = "\n".join(path.read_text() for path in tmp_path.glob("node-*/node.log"))
    assert done.returncode == 0, done.stderr + logs
    jobs = re.findall("^localrule (.*):$", logs, re.MULTILINE)
    assert sorted(jobs) == ["simulate_frames", "store_set", "train"]
    # What a job asks for rests on the size of inputs that lie in the bucket only.
    assert "mem_mb=<TBD>" not in done.stdout + done.stderr
    stored = bucket.Object(f"{PREFIX}/{weights}").get()["Body"].read()
    assert stored == (smoke / weights).read_bytes()
