"""The registry of columns: what other programs and docs/tables.md rely on."""

import subprocess
import sys
from pathlib import Path

from dvs_snn.tables.columns import TABLES
from dvs_snn.tables.gathering import GATHERED

ROOT = Path(__file__).parents[3]


def test_the_page_of_columns_is_up_to_date():
    page = subprocess.run(
        [sys.executable, ROOT / "docs/tables.py"], capture_output=True, text=True, check=True
    ).stdout
    assert (ROOT / "docs/tables.md").read_text(encoding="utf-8") == page
    listed = sum(line.startswith("| `") for line in page.splitlines())
    assert listed == sum(len(table.columns) for table in TABLES.values())


def test_every_column_says_what_it_holds():
    for name, table in TABLES.items():
        assert table.row.endswith("."), name
        for column, about in table.columns.items():
            where = f"{name}.csv, {column}"
            assert about.kind in ("whole", "number", "text"), where
            assert about.meaning, where
            assert not about.meaning.endswith("."), where
            # A bar would end the cell of the page's table.
            assert "|" not in about.unit + about.meaning, where
            for suffix, unit in (("_mw", "mW"), ("_uj", "uJ"), ("_ms", "ms"), ("_mb", "MB")):
                assert about.unit.endswith(unit) or not column.endswith(suffix), where


def test_what_is_gathered_has_the_columns_of_the_registry():
    assert {name: TABLES[name].columns for name in GATHERED} == GATHERED


def test_the_registry_loads_no_torch():
    program = "import sys, dvs_snn.tables.columns; print({'torch', 'sinabs'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(ROOT / "workflow/scripts")},
    )  # fmt: skip
    assert done.stdout == "set()\n"
