"""Croissant metadata describe the tables of a made-up study as they are."""

import csv
import hashlib
import json
import re

import pytest
from finished_study import NAMES, make_study

from dvs_snn.publication.croissant import size_field, write_croissant
from dvs_snn.publication.licences import CC_BY_SA

CITATION = """\
title: A study?
version: 1.2.3
date-released: 2026-01-02
authors: [{name: Somebody}]
keywords: [one, two]
"""


@pytest.fixture
def described(tmp_path):
    root = make_study(tmp_path / "made-up")
    (tmp_path / "CITATION.cff").write_text(CITATION)
    write_croissant(
        root / "recordings/split.csv", root / "twins/pairs.csv", [root / "recordings/test"],
        tmp_path / "CITATION.cff", root / "croissant.json",
    )  # fmt: skip
    return root, json.loads((root / "croissant.json").read_text(encoding="utf-8"))


def test_it_says_first_that_the_recordings_are_simulated(described):
    _, read = described
    assert "simulated" in read["description"].split(".")[0]
    assert read["license"] == CC_BY_SA
    assert read["citeAs"] == "Somebody: A study? Version 1.2.3, 2026-01-02."


def test_files_have_their_hashes_and_sets_find_their_recordings(described):
    root, read = described
    files = {one["@id"]: one for one in read["distribution"]}
    for name in ("recordings/split.csv", "twins/pairs.csv"):
        assert files[name]["sha256"] == hashlib.sha256((root / name).read_bytes()).hexdigest()
    found = {
        path for pattern in files["recordings/test"]["includes"] for path in root.glob(pattern)
    }
    assert found == {root / "recordings/test" / name for name in NAMES}


def test_each_column_is_a_field(described):
    root, read = described
    for records, table in zip(
        read["recordSet"], ("recordings/split.csv", "twins/pairs.csv"), strict=True
    ):
        with open(root / table, newline="") as file:
            header = next(csv.reader(file))
        fields = [one for one in records["field"] if one["name"] != "size"]
        assert [one["source"]["extract"]["column"] for one in fields] == header
        assert {one["source"]["fileObject"]["@id"] for one in records["field"]} == {table}
        assert all(one["description"] for one in fields)


def test_the_size_of_a_digit_is_read_from_its_name():
    pattern = size_field("recordings/split.csv")["source"]["transform"]["regex"]
    matches = [re.match(pattern, name) for name in NAMES]
    sizes = [next(one for one in match.groups() if one is not None) for match in matches]
    assert sizes == ["4", "16", ""]
