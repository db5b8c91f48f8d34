"""Users' mistakes: nothing half-made stays, and one sentence says what is wrong."""

import re
from pathlib import Path

import pytest
from running import SMOKE, errors_of, run_snakemake, write_config


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


def misspelt_key(project, tmp_path):
    return {"training": {"epoch": 3}}, r"training\.epoch is not a known key.*'epochs'"


def missing_folder(project, tmp_path):
    return folder_config(tmp_path / "nowhere"), r"data\.folder: .*nowhere: no such folder"


def broken_recordings_table(project, tmp_path):
    text = (project / "workflow/data/recordings-smoke.tsv").read_text(encoding="utf-8")
    table = tmp_path / "mine.tsv"
    table.write_text(text.replace("A\t\t3/test-1", "A\ta.npz\t3/test-1"), encoding="utf-8")
    return {"recordings": str(table)}, r"mine\.tsv line 2, column file or symbol: expected just one"


def training_symbol_among_the_recordings(project, tmp_path):
    text = (project / "workflow/data/recordings-smoke.tsv").read_text(encoding="utf-8")
    table = tmp_path / "mine.tsv"
    table.write_text(text.replace("3/test-1", "3/0099"), encoding="utf-8")
    return {"recordings": str(table)}, r"recording A: its symbol '3/0099' isn't a test symbol"


MISTAKES = [
    training_symbol_among_the_recordings,
    misspelt_key,
    missing_folder,
    broken_recordings_table,
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_a_mistake_is_told_in_one_sentence_before_anything_runs(project, tmp_path, mistake):
    sections, sentence = mistake(project, tmp_path)
    study = mistake.__name__
    config = write_config(project, f"{study}.yaml", study=study, **sections)
    done = run_snakemake(project, "--cores", "2", *SMOKE, config)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    # The rest of stderr is Snakemake's note on which config files it reads.
    (error,) = (line for line in done.stderr.splitlines() if not line.startswith("Config file "))
    assert error.startswith("Error: ")
    assert error.endswith((".", "?"))
    assert re.search(sentence, error), error
    assert not (project / "results" / study).exists()


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


def test_times_in_the_wrong_unit_end_the_sets_own_job_and_train_nothing(project, tmp_path):
    """`bin_folder` has 600 events in 0.6 ms: right, if they were in ms."""
    root = bin_folder(tmp_path / "data")
    sets = [{"name": "mine", "folder": str(root), "sensor_size": [34, 34], "zoom": 1.88}]
    config = write_config(project, "units.yaml", study="units", evaluation={"sets": sets})
    done = run_snakemake(
        project, "results/units/recordings/mine.csv", "--cores", "2", *SMOKE, config
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    (error,) = errors_of(done.stderr)
    assert error.startswith("Error: set mine: 0/00000.bin and 19 more of 20 recordings: 0.6 ms ")
    assert error.endswith("is `t` in ms? set `time_unit: ms`.")
    files = {path.name for path in (project / "results/units").rglob("*") if path.is_file()}
    assert files == {"mine.log"}
