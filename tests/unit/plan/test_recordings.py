"""The recordings A, B, C of a study: from where each is read, and as what."""

from pathlib import Path

import pytest
import yaml

from dvs_snn.files.errors import StudyError
from dvs_snn.plan.planned_sets import simulated_symbol, study_recordings, study_sets
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.reading import ShownSource
from dvs_snn.settings.recordings_table import RecordingRow
from dvs_snn.settings.study_settings import merged, read_study

CONFIG = yaml.safe_load((Path(__file__).parents[3] / "config.yaml").read_text(encoding="utf-8"))
TEST_COUNTS = [97, 116, 99, 93, 105, 92, 94, 117, 87, 100]


def shown(row, **changes):
    study = read_study(merged(CONFIG, changes))
    return study_recordings(study, [RecordingRow("A", **row)], study_sets(study))["A"]


def test_a_symbol_of_a_simulated_study_is_made_as_the_scene_says():
    made = shown({"symbol": "3/test-2", "note": "for the page"})
    assert (made.path, made.data_note) == ("<work>/recordings/videos/A.aedat", "simulated")
    assert made.source == ShownSource("A", True, "3/0002", 3, (128, 128), Placement(0.5))
    assert made.readers == made.formats == ["dvs_snn.recordings.formats.aedat"]
    assert made.take == 0


def test_a_row_of_the_table_places_a_simulated_recording_elsewhere():
    placed = shown({"symbol": "3/test-2", "rotate": 180, "flip": "x", "zoom": 1.0, "seed": 7})
    assert (placed.source.placement, placed.take) == (Placement(1.0, 180, "x"), 7)
    turned = {"scenes": {"paper": {"rotate": 90}}}
    for row, rotate in (({"rotate": 0}, 0), ({}, 90)):
        placement = shown({"symbol": "3/1", **row}, simulation=turned).source.placement
        assert placement.rotate == rotate


def test_a_symbol_of_recorded_data_is_looked_up_in_the_split(tmp_path):
    (tmp_path / "3").mkdir()
    for name in ("a.bin", "b.npz"):
        (tmp_path / "3" / name).write_bytes(b"")
    data = {"source": "folder", "folder": str(tmp_path), "rotate": 90, "time_unit": "ms"}
    listed = shown({"symbol": "3/a", "zoom": 2.0}, data=data)
    assert (listed.path, listed.data_note) == ("<work>/recordings/split.csv", "")
    placement = Placement(2.0, 90)
    assert listed.source == ShownSource("A", False, "3/a", None, None, placement, "ms")
    # A row may undo the turn of the study's data.
    assert shown({"symbol": "3/a", "rotate": 0}, data=data).source.placement.rotate == 0
    # Which of them it is, the split table tells.
    assert listed.readers == ["dvs_snn.recordings.formats.bin", "dvs_snn.recordings.formats.npz"]


@pytest.mark.parametrize("source", ["simulated", "nmnist"])
def test_a_file_of_ones_own_is_read_where_it_lies(source):
    lying = shown({"file": "mine/x.NPZ", "note": "mine"}, data={"source": source})
    assert (lying.path, lying.data_note) == ("mine/x.NPZ", "")
    # A file of one's own is not placed as the study's data are.
    assert lying.source == ShownSource("A", True, "", None, None, Placement())
    assert lying.readers == ["dvs_snn.recordings.formats.npz"]


def test_a_label_is_the_place_of_its_class():
    data = {"source": "folder", "folder": "x", "classes": ["01", "1"]}
    study = read_study({"study": "s", "data": data})
    row = RecordingRow("A", file="a.npz", label="1")
    assert study_recordings(study, [row], {})["A"].source.label == 1


def test_a_video_of_the_tutorial_is_unpacked_and_binned_as_the_tutorial_does():
    video = shown({"file": "digits-videos.zip/d-A.npz"}, data={"source": "tutorial"})
    assert video.path == "<work>/recordings/videos/d-A.npz"
    assert video.formats == ["dvs_snn.recordings.formats.npz"]
    assert video.readers == [*video.formats, "dvs_snn.recordings.archives.tutorial_archives"]
    assert video.source.from_file
    assert video.source.placement is None


def test_a_simulated_symbol_is_a_test_symbol_by_its_own_name():
    names = {"3/test-1": "3/0001", "3/0093": "3/0093", "7/test-117": "7/0117"}
    for symbol, name in names.items():
        assert simulated_symbol(RecordingRow("A", symbol=symbol), TEST_COUNTS) == name
    for symbol in ("3/0094", "3/test-94", "3/0000", "3/first"):
        with pytest.raises(StudyError, match=f"recording A: its symbol is '{symbol}', expected"):
            simulated_symbol(RecordingRow("A", symbol=symbol), TEST_COUNTS)
