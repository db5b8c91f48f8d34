"""The recordings A, B, C of a study: from where each is read, and as what."""

from pathlib import Path

import pytest
import yaml

from dvs_snn.plan.sets import study_recordings, study_sets
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.reading import ShownSource
from dvs_snn.settings.recordings import RECORDING_COLUMNS
from dvs_snn.settings.study import merged, read_study

ROOT = Path(__file__).parents[3]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
EMPTY = dict.fromkeys(RECORDING_COLUMNS)


def shown(cells, **changes):
    study = read_study(merged(CONFIG, changes))
    row = EMPTY | {"recording": "A"} | cells
    found = study_recordings(study, [row], study_sets(study))
    assert list(found) == ["A"]
    return found["A"]


def test_a_symbol_of_a_simulated_study_is_made_as_the_scene_says():
    one = shown({"symbol": "3/test-2", "note": "for the page"})
    assert one.path == "<results>/recordings/videos/A.aedat"
    assert one.source == ShownSource("A", True, "3/0002", 3, (128, 128), Placement(0.5))
    assert one.readers == one.formats == ["dvs_snn.recordings.formats.aedat"]
    assert one.row == EMPTY | {
        "recording": "A", "symbol": "3/0002", "label": 3, "sensor_width": 128,
        "sensor_height": 128, "zoom": 0.5, "rotate": 0, "flip": "none", "note": None,
        "data_note": "simulated",
    }  # fmt: skip


def test_a_row_of_the_table_places_a_simulated_recording_elsewhere():
    one = shown({"symbol": "3/test-2", "rotate": 180, "flip": "x", "zoom": 1.0})
    assert one.source.placement == Placement(1.0, 180, "x")
    turned = {"scenes": {"paper": {"rotate": 90}}}
    assert shown({"symbol": "3/1", "rotate": 0}, simulation=turned).row["rotate"] == 0
    assert shown({"symbol": "3/1"}, simulation=turned).row["rotate"] == 90


def test_a_symbol_of_recorded_data_is_looked_up_in_the_split(tmp_path):
    (tmp_path / "3").mkdir()
    for name in ("a.bin", "b.npz"):
        (tmp_path / "3" / name).write_bytes(b"")
    data = {"source": "folder", "folder": str(tmp_path), "rotate": 90, "time_unit": "ms"}
    one = shown({"symbol": "3/a", "zoom": 2.0}, data=data)
    assert one.path == "<results>/recordings/split.csv"
    placement = Placement(2.0, 90)
    assert one.source == ShownSource("A", False, "3/a", None, None, placement, "ms")
    # A row may undo the turn of the study's data.
    undone = shown({"symbol": "3/a", "rotate": 0}, data=data).source.placement
    assert undone.rotate == 0
    # Which of them it is, the split table tells.
    assert one.readers == ["dvs_snn.recordings.formats.bin", "dvs_snn.recordings.formats.npz"]
    assert one.row["symbol"] == "3/a"
    assert one.row["data_note"] == ""


@pytest.mark.parametrize("source", ["simulated", "nmnist"])
def test_a_file_of_ones_own_is_read_where_it_lies(source):
    one = shown({"file": "mine/x.NPZ", "note": "mine"}, data={"source": source})
    assert one.path == "mine/x.NPZ"
    # A file of one's own is not placed as the study's data are.
    assert one.source == ShownSource("A", True, "", None, None, Placement())
    assert one.readers == ["dvs_snn.recordings.formats.npz"]
    assert (one.row["note"], one.row["data_note"]) == (None, "")


def test_a_video_of_the_tutorial_is_unpacked_and_binned_as_the_tutorial_does():
    one = shown({"file": "digits-videos.zip/d-A.npz"}, data={"source": "tutorial"})
    assert one.path == "<results>/recordings/videos/d-A.npz"
    assert one.formats == ["dvs_snn.recordings.formats.npz"]
    assert one.readers == ["dvs_snn.recordings.formats.npz", "dvs_snn.recordings.archives.tutorial"]
    assert one.source.from_file
    assert one.source.placement is None
