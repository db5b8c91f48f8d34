"""Tables that the study reads back: any name is a name, and damage is told."""

import pandas as pd
import pytest

from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import (
    column_types,
    growing_table,
    join_tables,
    read_csv,
    read_table,
    schema,
    write_table,
)

FILES = {
    "toy": "name\ttype\tunit\tmeaning\nvariant\nrecording\nlabel\tmore\nx\tnumber\tmW\ta number\n",
    "more": "name\ttype\tunit\tmeaning\nvariant\nlabel\twhole\t\ta digit\nmore\ttext\t\ta text\n",
    "shared": "name\ttype\tunit\tmeaning\nvariant\ttext\t\ta name\nrecording\ttext\t\ta name\n",
}


@pytest.fixture(autouse=True)
def columns(tmp_path, monkeypatch):
    """The columns of the tables `toy` and `more`; return where a test may write them anew."""
    folder = tmp_path / "data/tables"
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / f"{name}.tsv").write_text(text)
    monkeypatch.setattr("dvs_snn.files.tables.DATA", tmp_path / "data")
    schema.cache_clear()
    yield folder
    schema.cache_clear()


def test_a_column_stands_once_and_other_tables_name_it():
    assert dict(schema("toy")) == {
        "variant": ("text", "", "a name"),
        "recording": ("text", "", "a name"),
        "label": ("whole", "", "a digit"),
        "x": ("number", "mW", "a number"),
    }


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("mW\ta number", "W\tanother meaning", True),
        ("x\tnumber", "x\twhole", False),
        ("x\tnumber", "y\tnumber", False),
        ("variant\nrecording", "recording\nvariant", False),
    ],
)
def test_a_tables_types_change_with_names_order_and_types_alone(columns, old, new, same):
    before = column_types("toy", "more")
    (columns / "toy.tsv").write_text(FILES["toy"].replace(old, new))
    schema.cache_clear()
    after = column_types("toy", "more")
    assert after[1] == before[1]
    assert (after[0] == before[0]) is same


@pytest.mark.parametrize("name", ["NA", "1e5", "007", "-inf"])
def test_a_variant_or_a_recording_may_be_called_anything(tmp_path, name):
    frame = pd.DataFrame(
        {"variant": [name, "b"], "recording": ["", name], "label": [None, 3], "x": [0.5, None]}
    )
    write_table(frame, tmp_path / "t.csv", "toy")
    back = read_table(tmp_path / "t.csv", "toy")
    pd.testing.assert_frame_equal(back, frame, check_dtype=False)
    assert back["x"].dtype == "float64"


def test_a_table_without_rows_leaves_the_types_of_those_joined_with_it(tmp_path):
    rows = pd.DataFrame({"variant": ["a"], "recording": ["b"], "label": [3], "x": [0.5]})
    for name, frame in (("none", rows[:0]), ("one", rows), ("two", rows)):
        write_table(frame, tmp_path / f"{name}.csv", "toy")
    joined = join_tables([tmp_path / f"{name}.csv" for name in ("none", "one", "two")], "toy")
    assert (joined["label"].dtype, joined["x"].dtype) == ("int64", "float64")
    assert len(joined) == 2
    assert list(join_tables([tmp_path / "none.csv"], "toy")) == list(schema("toy"))


def test_a_table_that_grew_is_the_one_written_at_once(tmp_path):
    rows = pd.DataFrame(
        {
            "variant": ["a", "b", 'c,"d'],
            "recording": ["", "r", "s"],
            "label": [None, 3, None],
            "x": [0.1, None, 1e-7],
        }
    )
    write_table(rows, tmp_path / "once.csv", "toy")
    with growing_table(tmp_path / "grown.csv", "toy") as add:
        for number in range(len(rows)):
            add(rows[number : number + 1])
        assert not (tmp_path / "grown.csv").exists()
    lines = ["variant,recording,label,x", "a,,,0.1", "b,r,3,", '"c,""d",s,,1e-07', ""]
    for name in ("once", "grown"):
        assert (tmp_path / f"{name}.csv").read_bytes().decode() == "\n".join(lines)


@pytest.mark.parametrize("content", [b"", b"a,b\n1\n1,2,3\n", b"\xff\xfe"])
def test_a_damaged_table_is_told(tmp_path, content):
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(StudyError, match="t.csv: is not a whole table .*delete it and run again"):
        read_table(tmp_path / "t.csv", "toy")


def test_a_column_that_is_never_empty_may_be_held_to_its_type(tmp_path):
    (tmp_path / "t.csv").write_text("variant,label\nb,\n")
    part = "variant", "label"
    assert read_table(tmp_path / "t.csv", "toy", part)["label"].isna().all()
    with pytest.raises(StudyError, match=r"t\.csv: is not a whole table"):
        read_table(tmp_path / "t.csv", "toy", part, label="int64")


def test_columns_give_the_order_and_may_be_a_part_of_the_table(tmp_path):
    frame = pd.DataFrame(
        {"x": [0.5], "label": [3], "more": [1], "recording": ["A"], "variant": "b"}
    )
    write_table(frame, tmp_path / "t.csv", "toy")
    assert (tmp_path / "t.csv").read_text() == "variant,recording,label,x\nb,A,3,0.5\n"
    read = read_table(tmp_path / "t.csv", "toy", ("x", "variant"))
    assert read.to_dict("list") == {"x": [0.5], "variant": ["b"]}
    with pytest.raises(StudyError, match=r"t\.csv: has no column more, expected one"):
        read_table(tmp_path / "t.csv", "more")
    with pytest.raises(StudyError, match="has no column c"):
        read_csv(tmp_path / "t.csv", ["x", "c"])
