"""Print every column of the result tables, as `workflow/data/tables/` lists them.

Run in the study's environment: `python docs/tables.py > docs/tables.md`.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow/scripts"))

from dvs_snn.files.tables import Column, result_tables, schema
from dvs_snn.probes.probe_modules import MEASURES

INTRODUCTION = """<!-- made by `python docs/tables.py > docs/tables.md`; don't edit -->

# Result tables

They lie in `results/<study>/tables/`, as CSV files with a header row. Other programs may rely on
their names and columns: [CHANGELOG](../CHANGELOG.md) lists each that a version takes away. A cell
holds a number, a whole number or text. A share lies between 0 and 1.

## Columns of several tables

"""


def rows(columns: Mapping[str, Column]) -> str:
    """Return a table of columns."""
    lines = [
        f"| `{name}` | {column.unit or column.kind} | {column.meaning} |\n"
        for name, column in columns.items()
    ]
    return "| Column | Unit, or kind | Meaning |\n|---|---|---|\n" + "".join(lines)


def section(table: str, row: str) -> str:
    """Return what the page tells of one table; what it shares with others stands above."""
    columns, shared = schema(table), schema("shared")
    alike = [f"`{name}`" for name in columns if columns[name] == shared.get(name)]
    others = {name: columns[name] for name in columns if columns[name] != shared.get(name)}
    above = f" As above: {', '.join(alike)}." if alike else ""
    measured = measures() if table == "probes" else ""
    return f"\n## `{table}.csv`\n\n{row}{above}\n\n{rows(others)}{measured}"


def measures() -> str:
    """Return a table of what probes measure."""
    lines = [
        f"| `{measure}` | {unit} | {meaning} |\n" for measure, (unit, meaning) in MEASURES.items()
    ]
    return "\n| Measure | Unit | Meaning |\n|---|---|---|\n" + "".join(lines)


def page() -> str:
    """Return the whole page."""
    used = {column for table in result_tables() for column in schema(table).items()}
    shared = {name: column for name, column in schema("shared").items() if (name, column) in used}
    sections = [section(table, row) for table, row in result_tables().items()]
    return INTRODUCTION + rows(shared) + "".join(sections)


if __name__ == "__main__":
    sys.stdout.write(page())
