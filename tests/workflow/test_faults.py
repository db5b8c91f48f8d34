"""Users' mistakes: nothing half-made stays, and one sentence says what is wrong."""

import re
from pathlib import Path

from running import SMOKE, copy_project, errors_of, run_snakemake, write_config


def bin_folder(root: Path) -> Path:
    """Make a folder of two digits with ten N-MNIST recordings each."""
    for digit in range(2):
        (root / str(digit)).mkdir(parents=True)
        for number in range(10):
            records = b"".join(bytes([k % 34, digit, 0x80, k >> 8, k & 255]) for k in range(600))
            (root / str(digit) / f"{number:05d}.bin").write_bytes(records)
    return root


def folder_config(root: Path) -> dict:
    return {"data": {"source": "folder", "folder": str(root), "sensor_size": [34, 34]}}


def test_a_mistake_is_told_in_one_sentence_before_anything_runs(project, tmp_path):
    text = (project / "workflow/data/recordings-smoke.tsv").read_text(encoding="utf-8")
    table = tmp_path / "mine.tsv"
    table.write_text(text.replace("3/test-1", "3/0099"), encoding="utf-8")
    symbol = r"recording A: its symbol '3/0099' isn't a test symbol"
    for sections, sentence in (
        ({"training": {"epoch": 3}}, r"training\.epoch is not a known key.*'epochs'"),
        (folder_config(tmp_path / "nowhere"), r"data\.folder: .*nowhere: no such folder"),
        ({"recordings": str(table)}, symbol),
        ({"variants": {"mine": {"weights": "none.pt"}}}, r"mine\.weights is 'none.pt'.*not there"),
        ({"inference": {"device": "cuda"}}, r"set device to cpu or engine to sinabs\.$"),
    ):
        config = write_config(project, "mistake.yaml", study="mistake", **sections)
        done = run_snakemake(project, "--cores", "2", *SMOKE, config)
        assert done.returncode != 0
        # The rest of stderr is Snakemake's note on which config files it reads.
        lines = [line for line in done.stderr.splitlines() if not line.startswith("Config file ")]
        (error,) = lines
        assert error.startswith("Error: ")
        assert error.endswith((".", "?"))
        assert re.search(sentence, error), error
        assert not (project / "results/mistake").exists()


def test_a_broken_recording_stops_its_job_and_leaves_nothing_half_written(project, tmp_path):
    root = bin_folder(tmp_path / "data")
    broken = root / "1/00004.bin"
    broken.write_bytes(broken.read_bytes()[:-2])
    table = tmp_path / "mine.tsv"
    text = (project / "workflow/data/recordings-smoke.tsv").read_text(encoding="utf-8")
    header = text.splitlines()[0]
    row = dict.fromkeys(header.split("\t"), "") | {"recording": "A", "symbol": "0/test-1"}
    table.write_text(f"{header}\n" + "\t".join(row.values()) + "\n", encoding="utf-8")
    config = write_config(
        project, "broken.yaml", study="broken", recordings=str(table), **folder_config(root)
    )
    done = run_snakemake(project, "--cores", "2", *SMOKE, config)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    (error,) = errors_of(done.stderr)
    assert str(broken) in error
    assert re.search(r"byte 2995|5 bytes|record", error), error
    # `describe`, which needs no recording, may have ended beside it.
    results = project / "results/broken"
    files = {path.name for path in results.rglob("*") if path.is_file()}
    made = {"network.csv"}
    assert files <= {"all.log", *made, *(f".{name}.sha256" for name in made)}, files


ABORTING = """import os

from dvs_snn.recordings.event_columns import library


def read(path, sensor_size=None, time_unit=None):
    with library(path, "h5py", "events"):
        os.abort()
"""


def test_a_library_that_ends_the_process_is_no_fault_of_the_study_and_the_log_names_the_file(
    tmp_path,
):
    project = copy_project(tmp_path / "project")
    formats = project / "workflow/scripts/dvs_snn/recordings/formats"
    (formats / "xyz.py").write_text(ABORTING, encoding="utf-8")
    (project / "mine/3").mkdir(parents=True)
    (project / "mine/3/a.xyz").write_text("1", encoding="utf-8")
    sets = {"sets": [{"name": "mine", "folder": "mine"}]}
    config = write_config(project, "mine.yaml", study="mine", evaluation=sets)
    target = "results/mine/recordings/mine.csv"
    done = run_snakemake(project, target, "--cores", "1", *SMOKE, config)
    assert done.returncode != 0
    assert "Error in rule list_set:" in done.stderr
    assert errors_of(done.stderr) == []
    log = (project / "results/mine/logs/list_set/mine.log").read_text(encoding="utf-8")
    assert log.endswith("h5py reads mine/3/a.xyz\n")
    assert not (project / target).exists()
