"""Users' mistakes: nothing half-made stays, and one sentence says what is wrong."""

import re
from pathlib import Path

import pytest
from made_archives import write_nmnist
from running import SMOKE, fail, planned, succeed, write_config, write_recordings


def folder_config(root: Path) -> dict:
    return {"data": {"source": "folder", "folder": str(root), "sensor_size": [34, 34]}}


@pytest.mark.parametrize(
    ("sections", "sentence"),
    [
        ({"training": {"epoch": 3}}, r"training\.epoch is not a known key.*'epochs'"),
        (folder_config(Path("nowhere")), r"data\.folder: .*nowhere: no such folder"),
        ({"recordings": "mine.tsv"}, r"recording A: its symbol is '3/0099', expected a test"),
        (
            {"variants": {"mine": {"weights": "none.pt"}}},
            "'none.pt', expected a file of a network",
        ),
        ({"inference": {"engine": "sinab"}}, r"'sinab', expected one of own, sinabs\.$"),
    ],
)
def test_a_mistake_is_told_in_one_sentence_before_anything_runs(project, sections, sentence):
    write_recordings(project / "mine.tsv", {"recording": "A", "symbol": "3/0099"})
    config = write_config(project, "mistake.yaml", study="mistake", **sections)
    (error,), stderr = fail(project, "--cores", "2", *SMOKE, config)
    # The rest of stderr is Snakemake's notes on config files and on its profile.
    assert len(re.findall("^(?!Config file |Using workflow ).+$", stderr, re.MULTILINE)) == 1
    assert error.endswith((".", "?"))
    assert re.search(sentence, error), error
    assert not (project / "results/mistake").exists()


def test_a_target_that_no_rule_makes_is_told_with_the_closest_or_with_all(project):
    (error,), stderr = fail(project, "results/smoke/tables/evaluaton.csv", "--cores", "2", *SMOKE)
    assert "MissingRule" not in stderr
    (meant,) = re.findall(r"did you mean '(.*?)'", error)
    assert meant == "results/smoke/tables/evaluation.csv"
    assert "evaluate" in planned(project, meant, *SMOKE)
    (error,), _ = fail(project, "everything", "--cores", "2", *SMOKE)
    (listed,) = re.findall(r"expected one of (.*)\.$", error)
    assert {"all", meant, "results/smoke/report.html"} < {*listed.split(", ")}
    succeed(project, *listed.split(", "), "-n", *SMOKE)


def test_a_broken_recording_stops_its_job_and_leaves_nothing_half_written(project, tmp_path):
    root = tmp_path / "data"
    broken = write_nmnist(root, 10, (0, 1))[14]
    broken.write_bytes(broken.read_bytes()[:-2])
    table = write_recordings(tmp_path / "mine.tsv", {"recording": "A", "symbol": "0/test-1"})
    config = write_config(
        project, "broken.yaml", study="broken", recordings=table, **folder_config(root)
    )
    (error,), _ = fail(project, "--cores", "2", *SMOKE, config)
    assert str(broken) in error
    assert re.search(r"byte 7495|5 bytes|record", error), error
    # `describe`, which needs no recording, may have ended beside it.
    files = {path.name for path in (project / "results/broken").rglob("*") if path.is_file()}
    assert files <= {"all.log", "network.csv"}, files
