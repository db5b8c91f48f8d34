"""Print every column of the result tables, as `workflow/data/tables/` lists them.

Run in the study's environment: `python docs/tables.py > docs/tables.md`.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow/scripts"))

from dvs_snn.files.tables import result_tables, schema

KINDS = {"whole": "whole number", "number": "number", "text": "text"}


def section(name: str, row: str) -> str:
    """Return what the page tells of one table."""
    lines = [
        f"| `{key}` | {KINDS[column.kind]} | {column.unit} | {column.meaning} |\n"
        for key, column in schema(name).items()
    ]
    header = "| Column | Kind | Unit | Meaning |\n|---|---|---|---|\n"
    return f"## `{name}.csv`\n\n{row}\n\n{header}{''.join(lines)}"


def page() -> str:
    """Return the whole page."""
    sections = "\n".join(section(name, row) for name, row in result_tables().items())
    return (
        "<!-- made by `python docs/tables.py > docs/tables.md`; don't edit -->\n\n"
        "# Result tables\n\n"
        "They lie in `results/<study>/tables/`, as CSV files with a header row. Other programs "
        "may rely on their\nnames and columns: a later version adds columns and renames none. "
        "A share lies between 0 and 1.\n\n"
        f"{sections}"
    )


if __name__ == "__main__":
    sys.stdout.write(page())
