"""Parts of the report page: numbers as text, tables as HTML, figures as images."""

import base64
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from dvs_snn.report.cells import is_known, label_text, static_power
from dvs_snn.report.chart import INK, PAPER, parts_of

NOTHING = "–"
NBSP = "\u00a0"
IMAGES = {".svg": "image/svg+xml", ".png": "image/png"}
MOST_COLUMNS = 7
"""More columns than these don't fit a page's width; the whole table is a file."""

LONGEST_ROW = 64
"""Characters of a row that one of two columns of a printed page holds."""

MOST_PRINTED = 10
"""Rows of a table that print shows; it names the file of a longer one."""

PICTURE_WORDS = re.compile(r' (?:role|class|aria-[a-z]+)="[^"]*"')
LONG_DECIMAL = re.compile(r"-?\d+\.\d{3,}(?![\d.e%])")

NUMERIC_CELL = re.compile(r"[+−-]?[\d,.]+([\s\u00a0(].*)?$")


# --- numbers as text ------------------------------------------------------------------------------


def plain(value: Any) -> str:
    """A label, name or count as text; a dash for nothing; 3.0 (3 beside gaps in pandas) is 3."""
    return label_text(value) or NOTHING


def significant(value: Any, digits: int = 3) -> str:
    """A number with at least `digits` significant digits and thousands separators, no exponent.

    Digits before the decimal point are never rounded away: 227,922,624 keeps them all.
    """
    if not is_known(value):
        return NOTHING
    number = float(value)
    if not math.isfinite(number):
        return str(number)
    if number == 0:
        return "0"
    if abs(number) < 1e-6:
        return f"{number:.{digits - 1}e}"
    # The exponent after rounding: 99.96 has three digits before the point, not two.
    exponent = int(f"{number:.{digits - 1}e}".split("e")[1])
    decimals = max(0, digits - 1 - exponent)
    text = f"{number:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if number.is_integer() and "." in text else text


def count(value: Any) -> str:
    """A whole number with thousands separators."""
    return f"{round(float(value)):,}" if is_known(value) else NOTHING


def percent(value: Any) -> str:
    """A fraction in per cent with one decimal."""
    return f"{100 * float(value):.1f}{NBSP}%" if is_known(value) else NOTHING


def points(value: Any) -> str:
    """A difference of two fractions in hundredths, with its sign: `−1.2`."""
    if not is_known(value):
        return NOTHING
    written = f"{100 * float(value):+.1f}".replace("-", "−")
    return "0.0" if written in ("+0.0", "−0.0") else written


def with_interval(value: Any, low: Any, high: Any, written: Callable[[Any], str] = percent) -> str:
    """A number and its range, where both ends are known: `88.5 % (81.2 to 93.0 %)`."""
    if not all(map(is_known, (value, low, high))):
        return written(value)
    return f"{written(value)} ({from_to(written(low), written(high))})"


def interval_of(row: Mapping[str, Any], name: str, written: Callable[[Any], str] = percent) -> str:
    """The same of a row's column `name` and its `name_low` and `name_high`."""
    return with_interval(row[name], row[f"{name}_low"], row[f"{name}_high"], written)


def millions(value: Any) -> str:
    """A number of operations in millions."""
    return significant(float(value) / 1e6) if is_known(value) else NOTHING


def from_to(low: str, high: str) -> str:
    """A range that doesn't break over lines, its unit only at its end."""
    unit = high.split(NBSP)[-1] if NBSP in high else ""
    low = low.removesuffix(f"{NBSP}{unit}") if unit else low
    return f"{low}{NBSP}to{NBSP}{high}"


def spread(values: Iterable[Any], written: Callable[[Any], str]) -> str:
    """A mean and, for several seeds, the smallest and largest in brackets."""
    known = [float(value) for value in values if is_known(value)]
    if not known:
        return NOTHING
    mean, low, high = sum(known) / len(known), min(known), max(known)
    alike = written(low) == written(high)
    return written(mean) if alike else with_interval(mean, low, high, written)


def power_words(power: Mapping[str, Any]) -> dict[str, str]:
    """The config's section in words: `energy`, of one SynOp, its `band`, and `static` power."""
    low, high = power["energy_band_pj"]
    return {
        "energy": f"{float(power['energy_per_synop_pj']):g}{NBSP}pJ",
        "band": f"{low:g} to {high:g}{NBSP}pJ",
        "static": f"{static_power(power):g}{NBSP}mW",
    }


def setting(value: float) -> str:
    """A setting's number as it stands, with a real minus sign."""
    return f"{float(value):g}".replace("-", "−")


def counts_listed(frame: pd.DataFrame, column: str) -> str:
    """The distinct counts of a column, in one text."""
    return listed([count(value) for value in sorted(frame[column].dropna().unique())])


def counted(column: pd.Series) -> str:
    """How often each value of a column stands in it: `9 reproduced and 3 differs`."""
    found = column.value_counts(sort=False)
    return listed([f"{number} {value}" for value, number in found.items()])


def plural(number: Any, word: str) -> str:
    """`1 seed`, `2 seeds`."""
    return f"{count(number)} {word}{'' if round(float(number)) == 1 else 's'}"


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`; parts that are HTML give HTML."""
    parts = list(parts)
    written = Markup if any(isinstance(part, Markup) for part in parts) else str
    if len(parts) < 2:
        return written("").join(parts)
    return written("{} and {}").format(written(", ").join(parts[:-1]), parts[-1])


def coded(sentence: str) -> Markup:
    """A sentence whose words in backticks are code."""
    parts = sentence.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else part
        for number, part in enumerate(parts)
    )


# --- things to embed ------------------------------------------------------------------------------


def embed_figure(path: Path, alt: str) -> Markup:
    """An `<img>` that holds an SVG or PNG file as a data URI: no id collides, no script runs."""
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    image = Markup('<img src="data:{};base64,{}" alt="{}">')
    return image.format(IMAGES[path.suffix], Markup(data), alt)


def embed_json(written: str) -> Markup:
    """JSON as a script element holds it: no text within may end the element."""
    return Markup(written.replace("<", "\\u003c"))


def embed_chart(path: Path, name: str, alt: str) -> Markup:
    """A chart: its picture, and the specification from which the page's script draws it alive.

    Text of the picture takes the colour of the page's text, so that it suits light and dark.
    """
    picture, spec = map(_page_colours, parts_of(path.read_text(encoding="utf-8")))
    # Its place has the words; its marks have roles without any. Hundredths of a pixel are enough.
    picture = PICTURE_WORDS.sub("", picture).replace("<svg ", '<svg aria-hidden="true" ', 1)
    picture = LONG_DECIMAL.sub(lambda match: f"{float(match[0]):.2f}", picture)
    # Ids of one picture must not meet those of another.
    picture = re.sub(r'(id="|url\(#)(?=\w)', rf"\g<1>{name}-", picture)
    return Markup(
        '<div class="chart" id="chart-{}" role="img" aria-label="{}">{}</div>'
        '<script type="application/json" data-chart="chart-{}">{}</script>'
    ).format(name, alt, Markup(picture), name, embed_json(spec))


def _page_colours(drawn: str) -> str:
    return drawn.replace(INK, "currentColor").replace(PAPER, "transparent")


def table_html(
    rows: Sequence[Mapping[str, Any]],
    caption: str,
    badges: str | None = None,
    source: str | None = None,
) -> Markup | None:
    """An accessible table in a box of its own that scrolls sideways; None without rows.

    `rows` hold text ready to show, the keys of the longest row are the headings; a cell that a row
    lacks shows a dash. Everything that isn't markup is escaped. Columns of numbers are
    right-aligned. In the column named `badges` each cell gets a class by its text. The caption
    leads to the file of the result table `source`, which has all columns. On paper that file stands
    for a table of many rows.
    """
    if not rows:
        return None
    names = list(max(rows, key=len))
    columns = {name: [_cell(row.get(name)) for row in rows] for name in names}
    aligned = {name: _class("n" if _is_numeric(cells) else "") for name, cells in columns.items()}
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(aligned[name], name) for name in names
    )
    body = []
    for i in range(len(rows)):
        cells = []
        for name in names:
            cell = escape(columns[name][i])
            if name == badges:
                slug = re.sub(r"[^a-z0-9]+", "-", cell.lower()).strip("-")
                cell = Markup('<span class="badge {}">{}</span>').format(slug, cell)
            form = '<th scope="row"{}>{}</th>' if name == names[0] else "<td{}>{}</td>"
            cells.append(Markup(form).format(aligned[name], cell))
        body.append(Markup("<tr>{}</tr>").format(Markup("").join(cells)))
    longest = max(map(_length, zip(*columns.values(), strict=True)))
    is_wide = len(names) > MOST_COLUMNS or longest > LONGEST_ROW
    whole = Markup(' (all columns: <a href="#file-{}">{}.csv</a>)').format(source, source)
    is_long = source is not None and len(rows) > MOST_PRINTED
    left = Markup('<span class="on-paper">. Its {} rows are in that file.</span>').format(len(rows))
    return Markup(
        '<div class="scroll{}" role="group" aria-label="{}"><table>'
        "<caption>{}{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(
        " wide" * is_wide + " long" * is_long, seen(caption), caption,
        (whole if source else "") + (left if is_long else ""), head, Markup("\n").join(body),
    )  # fmt: skip


def _cell(value: Any) -> str:
    return value if isinstance(value, Markup) else plain(value)


def seen(words: str) -> str:
    """Words without the marks of HTML."""
    return words.striptags() if isinstance(words, Markup) else words


def _length(row: Iterable[str]) -> int:
    return sum(len(seen(cell)) for cell in row)


def _is_numeric(cells: Sequence[str]) -> bool:
    known = [cell for cell in map(seen, cells) if cell != NOTHING]
    return len(known) > 0 and all(NUMERIC_CELL.match(cell) for cell in known)


def _class(name: str) -> Markup:
    return Markup(' class="{}"').format(name) if name else Markup("")
