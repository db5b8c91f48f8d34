"""Tables that the study reads back: any name is a name, and damage is told."""

import pandas as pd
import pytest

from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import read_csv, read_table, write_table


@pytest.mark.parametrize("name", ["NA", "nan", "null", "None", "n/a", "1e5", "007", "-inf"])
def test_a_variant_or_a_recording_may_be_called_anything(tmp_path, name):
    frame = pd.DataFrame(
        {"variant": [name, "b"], "recording": ["", name], "label": [None, 3], "x": [0.5, None]}
    )
    write_table(frame, tmp_path / "t.csv")
    back = read_table(tmp_path / "t.csv")
    assert back["variant"].tolist() == [name, "b"]
    assert back["recording"].tolist() == ["", name]
    assert back["label"].isna().tolist() == [True, False]
    assert back["x"].isna().tolist() == [False, True]
    assert back["x"].dtype == "float64"


@pytest.mark.parametrize("content", [b"", b"a,b\n1\n1,2,3\n", b"\xff\xfe", b'a,b\n"1,2\n'])
def test_a_damaged_table_is_told(tmp_path, content):
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(StudyError, match="t.csv: is not a whole table .*delete it and run again"):
        read_table(tmp_path / "t.csv")


def test_a_column_that_is_missing_is_told(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    assert len(read_csv(tmp_path / "t.csv", ["a", "b"])) == 1
    with pytest.raises(StudyError, match="has no column c"):
        read_csv(tmp_path / "t.csv", ["a", "c"])
