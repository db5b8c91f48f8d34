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


def scale_of_zero(project, tmp_path):
    return {"sweep": {"scales": [0, 1.0]}}, r"sweep\.scales\.0 is 0, expected more than 0"


def unknown_model(project, tmp_path):
    return {"model": {"name": "sorbarro"}}, r"model\.name is 'sorbarro', expected one of tutorial"


def missing_folder(project, tmp_path):
    return folder_config(tmp_path / "nowhere"), r"data\.folder: .*nowhere: no such folder"


def empty_digit_folder(project, tmp_path):
    root = bin_folder(tmp_path / "data")
    (root / "7").mkdir()
    return folder_config(root), r"data\.folder: .*/7: holds no recording"


def missing_evaluation_folder(project, tmp_path):
    sets = [{"name": "mine", "folder": str(tmp_path / "nowhere")}]
    return {"evaluation": {"sets": sets}}, r"evaluation\.sets\.0\.folder: .*nowhere: no such"


def missing_archives(project, tmp_path):
    data = {"source": "tutorial", "folder": str(tmp_path)}
    return {"data": data}, r"data\.folder is .*, where none of train\.zip, digits"


def broken_recordings_table(project, tmp_path):
    text = (project / "workflow/data/recordings-smoke.tsv").read_text(encoding="utf-8")
    table = tmp_path / "mine.tsv"
    table.write_text(text.replace("A\t\t3/test-1", "A\ta.npz\t3/test-1"), encoding="utf-8")
    return {"recordings": str(table)}, r"mine\.tsv line 2, column file or symbol: expected just one"


def threshold_of_zero(project, tmp_path):
    sensors = {"atis": {"threshold_on": 0}}
    return {"simulation": {"sensors": sensors}}, r"sensors\.atis\.threshold_on is 0, expected more"


def scale_that_there_is_not(project, tmp_path):
    scenes = {"mnist-dvs": {"scales": [3]}}
    return {"simulation": {"scenes": scenes}}, r"mnist-dvs\.scales\.0 is 3, expected one of 4, 8, 1"


def more_symbols_than_there_are(project, tmp_path):
    symbols = {"validation": 480, "training": 20}
    return {"simulation": {"symbols": symbols}}, r"digit 0, but there are 500; ask for fewer"


def training_symbol_among_the_recordings(project, tmp_path):
    text = (project / "workflow/data/recordings-smoke.tsv").read_text(encoding="utf-8")
    table = tmp_path / "mine.tsv"
    table.write_text(text.replace("3/test-1", "3/0099"), encoding="utf-8")
    return {"recordings": str(table)}, r"recording A: its symbol '3/0099' isn't a test symbol"


def folder_that_is_not_named(project, tmp_path):
    return {"data": {"source": "folder"}}, r"data\.folder is empty.*data\.source: simulated"


MISTAKES = [
    threshold_of_zero,
    scale_that_there_is_not,
    more_symbols_than_there_are,
    training_symbol_among_the_recordings,
    folder_that_is_not_named,
    misspelt_key,
    scale_of_zero,
    unknown_model,
    missing_folder,
    empty_digit_folder,
    missing_evaluation_folder,
    missing_archives,
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
