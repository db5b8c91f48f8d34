"""Jobs killed at random moments, as a power cut does: the study goes on to the same files."""

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


def test_a_killed_download_begins_anew(tmp_path, monkeypatch):
    with serving() as server:
        monkeypatch.setenv("http_proxy", server.url)
        study = fetched_study(server, tmp_path / "project")
        archive = study.project / "data/mnist-dvs/grabbed_data3.zip"
        run = Watched(study, "data/mnist-dvs/grabbed_data3.zip")
        while not any(part.stat().st_size > 100_000 for part in archive.parent.glob("tmp*")):
            assert run.process.poll() is None, "".join(run.lines)
            time.sleep(0.01)
        assert run.kill("download", True, random.Random())
        assert not archive.exists()
        unlock_if_told(study)
        command = study.command("--rerun-incomplete", "data/mnist-dvs/grabbed_data3.zip")
        done = run_snakemake(study.project, *command)
        assert done.returncode == 0, done.stderr
        (answer,) = server.answers["/grabbed_data3.zip"]
        assert archive.read_bytes() == answer.body
