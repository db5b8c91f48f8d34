"""Jobs killed at random moments, as a power cut does: the study goes on to the same files."""

import hashlib
import random
import time

from killing import Watched, run_killed, unlock_if_told
from loopback.server import serving
from running import run_snakemake
from studies import fetched_study, tiny_study

# The longest jobs, the one that resumes, one that writes several files, and one at the end.
TARGETS = ("simulate_set", "simulate_frames", "train", "infer", "gather", "plot_figure")


def test_killed_again_and_again_a_study_gives_the_same_files(undisturbed, tmp_path):
    study = tiny_study(tmp_path / "killed")
    kills = run_killed(study, TARGETS, undisturbed, random.Random())
    # A job may be over before its random moment, but not most of them.
    assert len(kills) >= len(TARGETS) // 2, kills


def test_a_killed_download_goes_on_where_it_was_cut(tmp_path, monkeypatch):
    with serving() as server:
        monkeypatch.setenv("http_proxy", server.url)
        study = fetched_study(server, tmp_path / "project")
        archive, path = "data/mnist-dvs/grabbed_data3.zip", "/grabbed_data3.zip"
        part = study.project / f"{archive}.part"
        run = Watched(study, archive)
        while not (part.exists() and part.stat().st_size > 100_000):
            assert run.process.poll() is None, "".join(run.lines)
            time.sleep(0.01)
        assert run.kill("download", True, random.Random())
        come = part.stat().st_size
        assert not (study.project / archive).exists()
        unlock_if_told(study)
        done = run_snakemake(study.project, *study.command("--rerun-incomplete", archive))
        assert done.returncode == 0, done.stderr
        ranges = [asked.headers.get("Range") for asked in server.asked]
        assert ranges == [None, f"bytes={come}-"]
        (answer,) = server.answers[path]
        fetched = (study.project / archive).read_bytes()
        assert hashlib.sha256(fetched).digest() == hashlib.sha256(answer.body).digest()
