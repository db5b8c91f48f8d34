"""Simulated recordings and frames are the same bytes, whatever the number of cores."""

import csv
import hashlib
from pathlib import Path

from running import SMOKE, copy_project, run_snakemake, write_config

TARGETS = (
    "results/bytes/recordings/split.csv",
    "results/bytes/recordings/videos/A.aedat",
    "results/bytes/frames/index.csv",
)


def made(project: Path, cores: str) -> dict[str, str]:
    """Simulate on so many cores; return the sha256 of every file that was made."""
    config = write_config(
        project,
        "bytes.yaml",
        study="bytes",
        simulation={"symbols": {"test": [2] * 10, "validation": 2, "training": 3}},
    )
    done = run_snakemake(project, "--cores", cores, *TARGETS, *SMOKE, config)
    assert done.returncode == 0, done.stderr
    results = project / "results/bytes"
    return {
        str(path.relative_to(results)): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in ("recordings", "frames")
        for path in sorted((results / folder).rglob("*"))
        if path.is_file()
    }


def test_one_and_two_cores_make_the_same_events_and_frames(tmp_path):
    one = made(copy_project(tmp_path / "one"), "1")
    two = made(copy_project(tmp_path / "two"), "2")
    assert one == two
    # 20 symbols in each test set, 20 in both scenes of the validation set; A; tables and frames.
    assert sum(name.endswith(".aedat") for name in one) == 20 + 20 + 1
    assert sum(name.endswith(".bin") for name in one) == 20 + 20
    assert "frames/frames.npy" in one
    with open(tmp_path / "one/results/bytes/recordings/split.csv", newline="") as table:
        rows = list(csv.DictReader(table))
    assert len(rows) == 80
    for row in rows:
        assert one[row["file"].removeprefix("results/bytes/")] == row["sha256"]
