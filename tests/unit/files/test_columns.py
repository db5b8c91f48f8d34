"""The columns of the study's tables: what other programs and docs/tables.md rely on."""

import subprocess
import sys
from pathlib import Path

import pytest

from dvs_snn.files.tables import DATA, result_tables, schema

ROOT = Path(__file__).parents[3]
TABLES = sorted(path.stem for path in (DATA / "tables").iterdir())


def test_the_page_of_columns_is_up_to_date():
    page = subprocess.run(
        [sys.executable, ROOT / "docs/tables.py"], capture_output=True, text=True, check=True
    ).stdout
    assert (ROOT / "docs/tables.md").read_text(encoding="utf-8") == page
    for table in result_tables():
        section = page.partition(f"## `{table}.csv`")[2].partition("\n## ")[0]
        assert [name for name in schema(table) if f"`{name}`" not in section] == []


@pytest.mark.parametrize("table", TABLES)
def test_every_column_says_what_it_holds(table):
    for name, column in schema(table).items():
        assert column.kind in ("whole", "number", "text"), name
        assert column.meaning, name
        assert not column.meaning.endswith("."), name
        # A bar would end the cell of the page's table.
        assert "|" not in column.unit + column.meaning, name
        for suffix, unit in (("_mw", "mW"), ("_uj", "uJ"), ("_ms", "ms"), ("_mb", "MB")):
            assert column.unit.endswith(unit) or not name.endswith(suffix), name


def test_a_column_is_written_out_once():
    """No two files tell the same of a column of one name."""
    lines = [
        line
        for name in TABLES
        for line in (DATA / "tables" / f"{name}.tsv").read_text(encoding="utf-8").splitlines()[1:]
        if line.count("\t") == 3
    ]
    assert len(lines) == len(set(lines))
