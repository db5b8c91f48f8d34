"""Users' mistakes in recordings: found, and told with the settings that mend them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from jobs import quiet
from mistaken_sets import MISTAKES, RIGHT, write_folder
from real_files import REAL, needs_real_files

from dvs_snn.datasets.samples import binned, split_recordings
from dvs_snn.datasets.step_store import open_steps, store_steps
from dvs_snn.events.placement import Placement
from dvs_snn.events.recording import read_recording
from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import write_table
from dvs_snn.plausibility.checks import Training, judge, set_images, warning_of
from dvs_snn.plausibility.finding import is_bad
from dvs_snn.plausibility.refusal import refuse, refuse_shown
from dvs_snn.sources.folder import list_folder
from dvs_snn.sources.listing import Entry, list_recordings
from dvs_snn.sources.split_table import SPLIT_COLUMNS

STEP_MS = 10.0


def listed(folder: Path, where: Mapping[str, Any]) -> pd.DataFrame:
    """Return the split table of a folder, as the set `mine`."""
    entries = [Entry(file, "mine") for file in list_folder(folder)]
    return list_recordings(entries, where, quiet(), "mine")


def findings_of(rows: pd.DataFrame, where: Mapping, training: Training, folder: Path) -> list:
    """Return what the job `check_sets` finds in the rows of a set."""
    recordings = (binned(one, 10_000) for one in split_recordings(rows, {"": where}))
    store_steps(recordings, folder / "mine.npy", folder / "mine.csv")
    images = set_images(open_steps(folder / "mine.npy", folder / "mine.csv"))
    return judge(rows, where, STEP_MS, training, images)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_in_a_sets_own_jobs_and_its_remedy_mends_it(
    name, right, training, tmp_path
):
    mistake = MISTAKES[name]
    where = RIGHT | mistake.settings
    rows = listed(write_folder(tmp_path / "set", right, mistake.change), where)
    if mistake.is_refused:
        with pytest.raises(StudyError, match="^set mine: ") as caught:
            refuse("set mine", rows, where)
        told = str(caught.value)
    else:
        refuse("set mine", rows, where)
        told = warning_of("set mine", findings_of(rows, where, training, tmp_path))
    for key, value in mistake.remedy.items():
        assert f"`{key}: {value}`" in told
    assert "\n" not in told
    rows = listed(tmp_path / "set", where := where | mistake.remedy)
    refuse("set mine", rows, where)
    assert not any(map(is_bad, findings_of(rows, where, training, tmp_path)))


@pytest.mark.parametrize("name", [name for name, one in MISTAKES.items() if one.is_refused])
def test_a_recording_of_the_table_is_refused_for_the_same_faults(name, right, tmp_path):
    mistake = MISTAKES[name]
    changed, same = (
        read_recording(next(write_folder(tmp_path / folder, right, change).glob("*/*")))
        for folder, change in (("changed", mistake.change), ("same", lambda arrays: arrays))
    )
    with pytest.raises(StudyError, match="^recording A: ") as caught:
        refuse_shown("A", changed, Placement(), {})
    for key, value in mistake.remedy.items():
        assert f"`{key}: {value}`" in str(caught.value)
    refuse_shown("A", same, Placement(), {})
    # The tutorial lays its own videos on the network.
    refuse_shown("A", changed, None, {})


def test_right_recordings_raise_no_warning(right, training, tmp_path):
    rows = listed(write_folder(tmp_path / "set", right), RIGHT)
    refuse("set mine", rows, RIGHT)
    assert findings_of(rows, RIGHT, training, tmp_path) == []


@needs_real_files
@pytest.mark.parametrize(
    ("folder", "told"),
    [
        ("nmnist/train", set()),
        ("nmnist/test", {"digits"}),
        ("mnist-dvs", {"digits", "orientation"}),
    ],
)
def test_real_recordings_raise_no_warning(folder, told, training, tmp_path):
    where = RIGHT if folder.startswith("nmnist") else RIGHT | {"sensor_size": None, "zoom": 0.5}
    rows = listed(REAL / folder, where)
    refuse("set mine", rows, where)
    findings = findings_of(rows, where, training, tmp_path)
    assert warning_of("set mine", findings) == ""
    assert {finding.check for finding in findings} == told


@needs_real_files
@pytest.mark.parametrize("name", [name for name, one in MISTAKES.items() if one.needs_training])
def test_ten_real_recordings_tell_their_orientation(name, training, tmp_path):
    mistake = MISTAKES[name]
    real = [(file.label, read_recording(file.path)) for file in list_folder(REAL / "nmnist/test")]
    rows = listed(write_folder(tmp_path / "set", real, mistake.change), RIGHT)
    bad = [one for one in findings_of(rows, RIGHT, training, tmp_path) if is_bad(one)]
    assert [one.remedy for one in bad] == [mistake.remedy]


def test_the_first_of_several_damaged_files_is_told_and_their_number(right, tmp_path):
    folder = write_folder(tmp_path / "set", right)
    for name in ("1/002.npz", "7/014.npz"):
        (folder / name).write_bytes(b"PK")
    with pytest.raises(StudyError, match=r"1/002\.npz: .*; 1 more of 20 .*workflow/check\.py"):
        listed(folder, RIGHT)


def test_all_recordings_are_read_on_the_largest_sensor(right, tmp_path):
    folder = write_folder(tmp_path / "set", right, MISTAKES["no sensor size"].change)
    rows = listed(folder, RIGHT | {"sensor_size": None})
    assert set(zip(rows["sensor_width"], rows["sensor_height"], strict=True)) == {(34, 34)}
    assert (rows["used_width"] < 34).any()
    write_table(rows, tmp_path / "mine.csv", SPLIT_COLUMNS)
    same = listed(write_folder(tmp_path / "told", right), RIGHT)
    # So the digits lie where they lie if the size is told.
    for mine, told in zip(
        *(split_recordings(one, {"": RIGHT}) for one in (rows, same)), strict=True
    ):
        np.testing.assert_array_equal(mine.placed.row, told.placed.row)
        np.testing.assert_array_equal(mine.placed.column, told.placed.column)
