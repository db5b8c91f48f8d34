"""Tables of a page, of rows of a result table or of words."""

import re
from collections.abc import Mapping, Sequence

import pandas as pd
from markupsafe import Markup

from dvs_snn.files.tables import schema
from dvs_snn.report import text
from dvs_snn.report.cells import Row, is_known
from dvs_snn.report.template import render
from dvs_snn.settings.study_settings import WORKFLOW

MOST_COLUMNS = 7
"""More columns than these don't fit a page's width; the whole table is a file."""

LONGEST_ROW = 64
"""Characters of a row that one of two columns of a printed page holds."""

NUMERIC_CELL = re.compile(r"[+−-]?[\d,.]+([\s\u00a0(].*)?$")


TABLE = WORKFLOW / "report" / "table.html.j2"


def table_html(
    rows: pd.DataFrame | Sequence[Row],
    caption: str,
    columns: Mapping[str, str],
    *,
    source: str = "",
) -> Markup:
    """An accessible table in a box of its own that scrolls sideways; empty without rows.

    Words stand as they are, escaped if they aren't markup. A number is written by its unit in the
    result table `source`, with its interval where the row holds one. What is not known is a dash; a
    column in which nothing is known is left out. Columns of numbers are right-aligned.

    Args:
        columns: those to show and their headings; one that `rows` lack is left out.
        source: the result table whose file the caption names.
    """
    rows = pd.DataFrame(rows, dtype=None if isinstance(rows, pd.DataFrame) else object)
    if rows.empty:
        return Markup("")
    units = {name: known.unit for name, known in schema(source).items()} if source else {}
    shown = [
        {
            heading: _cell(row, name, units.get(name, ""))
            for name, heading in columns.items()
            if name in row
        }
        for row in rows.to_dict("records")
    ]
    names = [name for name in shown[0] if any(row[name] != text.NOTHING for row in shown)]
    longest = max(sum(len(text.seen(row[name])) for name in names) for row in shown)
    is_wide = len(names) > MOST_COLUMNS or longest > LONGEST_ROW
    context = {
        "rows": shown,
        "names": names,
        "numeric": {name: _is_numeric([row[name] for row in shown]) for name in names},
        "caption": caption,
        "source": source,
        "box": " wide" if is_wide else "",
    }
    return Markup(render(TABLE, context))


def _cell(row: Row, name: str, unit: str) -> str:
    value = row[name]
    if not is_known(value):
        return text.NOTHING
    if isinstance(value, str):
        return value
    written = text.percent if unit == "share" else text.significant
    return text.interval_of(row, name, written) if f"{name}_low" in row else written(value)


def _is_numeric(cells: Sequence[str]) -> bool:
    known = [text.seen(cell) for cell in cells if cell != text.NOTHING]
    return len(known) > 0 and all(NUMERIC_CELL.match(cell) for cell in known)
