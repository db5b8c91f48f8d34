"""The table of recordings A, B, C: each mistake names its line and column."""

from pathlib import Path

import pytest

from dvs_snn.files.errors import StudyError
from dvs_snn.settings.data import DIGITS
from dvs_snn.settings.recordings_table import (
    RECORDING_COLUMNS,
    RecordingRow,
    read_recordings_table,
)

ROOT = Path(__file__).parents[3]


def read(
    folder: Path, *rows: dict[str, object], source: str = "folder", classes: tuple = DIGITS
) -> list[RecordingRow]:
    """Write a table of rows, and read it."""
    path = folder / "recordings.tsv"
    lines = ["\t".join(RECORDING_COLUMNS)]
    lines += ["\t".join(str(row.get(key, "")) for key in RECORDING_COLUMNS) for row in rows]
    path.write_text("\n".join(lines) + "\n")
    return read_recordings_table(path, source, classes)


def test_a_row_is_read_with_empty_cells_as_none(tmp_path):
    file = tmp_path / "a.npz"
    file.write_bytes(b"")
    first = {
        "recording": "A",
        "file": file,
        "sensor_width": 128,
        "sensor_height": 96,
        "zoom": 0.5,
        "rotate": 90,
        "flip": "x",
        "note": 'it\'s "quoted" once',
    }
    second = {"recording": "B", "symbol": "3/test-1", "label": 3, "seed": 2}
    values = {"sensor_width": 128, "sensor_height": 96, "zoom": 0.5, "rotate": 90}
    assert read(tmp_path, first, second) == [
        RecordingRow(**{**first, **values, "file": str(file)}),
        RecordingRow(recording="B", symbol="3/test-1", label="3", seed=2),
    ]
    shapes = ("circle", "square")
    assert read(tmp_path, first | {"label": "square"}, classes=shapes)[0].label == "square"
    with pytest.raises(StudyError, match="symbol is '3/test-1', expected <class>/<name> with one"):
        read(tmp_path, second, classes=shapes)


@pytest.mark.parametrize(
    ("row", "source", "expected"),
    [
        ({}, "folder", "file or symbol: expected just one of the two"),
        ({"file": "x.npz"}, "folder", "file is 'x.npz', which doesn't exist"),
        ({"file": "a{seed}.npz"}, "folder", "expected a path without braces"),
        ({"symbol": "3/a", "label": "five"}, "folder", "label is 'five', expected one of the digi"),
        ({"symbol": "3/a", "label": 5}, "folder", "label is 5, expected 3"),
        ({"symbol": "3/a", "zoom": "1e999"}, "folder", "zoom is inf, expected a finite number"),
        ({"symbol": "3/a", "sensor_width": 5}, "folder", "sensor_height"),
        ({"symbol": "3/a"}, "tutorial", "the tutorial's data name no symbols"),
        ({"file": "digits-videos.zip/A.npz"}, "folder", "only data.source: tutorial"),
        ({"file": "digits-videos.zip/../../x.npz"}, "tutorial", "the name of a .npz file in it"),
        ({"symbol": "3/a", "recording": "../../x"}, "folder", "recording is '../../x', expected"),
    ],
)
def test_a_mistake_in_a_row_names_its_line_and_column(tmp_path, row, source, expected):
    with pytest.raises(StudyError, match=r"recordings\.tsv line 2, column") as error:
        read(tmp_path, {"recording": "A", **row}, source=source)
    assert expected in str(error.value)


def test_tables_that_are_none_or_too_large_are_told(tmp_path):
    rows = [{"recording": f"R{number}", "symbol": "3/a"} for number in range(201)]
    with pytest.raises(StudyError, match="has 201 rows, expected 1 to 200"):
        read(tmp_path, *rows)
    with pytest.raises(StudyError, match="has no row"):
        read(tmp_path)
    with pytest.raises(StudyError, match="recording has 'r0', expected a name unlike all"):
        read(tmp_path, rows[0], rows[0] | {"recording": "r0"})
    path = tmp_path / "recordings.tsv"
    for content in (b"", b"a,b\n1,2\n", b"\xff\xfe\x00"):
        path.write_bytes(content)
        with pytest.raises(StudyError, match=r"recordings\.tsv: (its columns are|is not a tab)"):
            read_recordings_table(path, "folder")
    path.unlink()
    with pytest.raises(StudyError, match="which isn't a file"):
        read_recordings_table(path, "folder")


def test_the_studys_own_tables_are_valid():
    sources = {"": "simulated", "-smoke": "simulated", "-nmnist": "folder", "-tutorial": "tutorial"}
    for name, source in sources.items():
        rows = read_recordings_table(ROOT / f"workflow/data/recordings{name}.tsv", source)
        assert [row.recording for row in rows] == ["A", "B", "C"]
    # The tutorial doesn't say what its recordings show.
    assert [row.label for row in rows] == [None] * 3
    assert [row.archive_member for row in rows] == [f"digits-{name}.npz" for name in "ABC"]
