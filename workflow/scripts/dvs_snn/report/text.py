"""Parts of the report page: numbers as text, tables as HTML, figures as images."""

import base64
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup, escape

from dvs_snn.report.cells import is_known, label_text

NOTHING = "–"
NBSP = "\u00a0"
IMAGES = {".svg": "image/svg+xml", ".png": "image/png"}
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


def percent(value: Any, unit: bool = True) -> str:
    """A fraction in per cent with one decimal."""
    if not is_known(value):
        return NOTHING
    return f"{100 * float(value):.1f}" + (f"{NBSP}%" if unit else "")


def with_interval(value: Any, low: Any, high: Any) -> str:
    """A fraction in per cent and its 95 % interval: `88.5 % (81.2 to 93.0 %)`."""
    if not is_known(value) or not is_known(low) or not is_known(high):
        return percent(value)
    return f"{percent(value)} ({from_to(percent(low), percent(high))})"


def millions(value: Any) -> str:
    """A number of operations in millions."""
    return significant(float(value) / 1e6) if is_known(value) else NOTHING


def over_seeds(values: Iterable[Any], written: Callable[[Any], str]) -> str:
    """The mean over seeds with their smallest and largest value; the value alone for one seed."""
    known, mean, reach = _mean_and_spread(values, written)
    if len(known) < 2:
        return mean
    if not reach:
        return f"{mean} ({len(known)} seeds alike)"
    return f"{mean} (mean over {len(known)} seeds, {reach})"


def _mean_and_spread(
    values: Iterable[Any], written: Callable[[Any], str]
) -> tuple[list[float], str, str]:
    """The known values, their mean, and their range, empty if all are written alike."""
    known = [float(value) for value in values if is_known(value)]
    if not known:
        return known, NOTHING, ""
    low, high = written(min(known)), written(max(known))
    return known, written(sum(known) / len(known)), "" if low == high else from_to(low, high)


def from_to(low: str, high: str) -> str:
    """A range that doesn't break over lines, its unit only at its end."""
    unit = high.split(NBSP)[-1] if NBSP in high else ""
    low = low.removesuffix(f"{NBSP}{unit}") if unit else low
    return f"{low}{NBSP}to{NBSP}{high}"


def spread(values: Iterable[Any], written: Callable[[Any], str]) -> str:
    """A mean and, for several seeds, the smallest and largest in brackets, short for a cell."""
    _, mean, reach = _mean_and_spread(values, written)
    return f"{mean} ({reach})" if reach else mean


def power_at(power_mw: Any, power: Mapping[str, Any], energy_pj: float) -> float:
    """The power in mW that `power_mw` becomes if a SynOp takes `energy_pj` instead.

    `power` is the config's section: `energy_per_synop_pj`, and `static_power_mw`, which stays.
    """
    static = float(power.get("static_power_mw") or 0)
    share = energy_pj / float(power["energy_per_synop_pj"])
    return static + (float(power_mw) - static) * share


def power_band(power_mw: Any, power: Mapping[str, Any]) -> str:
    """The power over the band of energies per SynOp, as `0.03 to 0.86`."""
    if not is_known(power_mw):
        return NOTHING
    low, high = (power_at(power_mw, power, float(pj)) for pj in power["energy_band_pj"])
    return from_to(significant(low), significant(high))


def power_words(power: Mapping[str, Any]) -> dict[str, str]:
    """The config's section in words: `energy`, of one SynOp, its `band`, and `static` power."""
    low, high = power["energy_band_pj"]
    return {
        "energy": f"{float(power['energy_per_synop_pj']):g}{NBSP}pJ",
        "band": f"{low:g} to {high:g}{NBSP}pJ",
        "static": f"{float(power.get('static_power_mw') or 0):g}{NBSP}mW",
    }


def setting(value: float) -> str:
    """A setting's number as it stands, with a real minus sign."""
    return f"{float(value):g}".replace("-", "−")


def counts_listed(frame: pd.DataFrame, column: str) -> str:
    """The distinct counts of a column, in one text."""
    if frame.empty:
        return ""
    return listed([count(value) for value in sorted(frame[column].dropna().unique())])


def plural(number: Any, word: str) -> str:
    """`1 seed`, `2 seeds`."""
    return f"{count(number)} {word}{'' if round(float(number)) == 1 else 's'}"


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    parts = list(parts)
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


# --- things to embed ------------------------------------------------------------------------------


def embed_figure(path: str | os.PathLike[str], alt: str) -> Markup:
    """An `<img>` that holds an SVG or PNG file as a data URI: no id collides, no script of it runs.

    Raises ValueError for another suffix.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in IMAGES:
        raise ValueError(f"{path}: the page embeds .svg and .png files, not {suffix!r}")
    data = base64.b64encode(Path(path).read_bytes()).decode("ascii")
    return Markup('<img src="data:{};base64,{}" alt="{}">').format(
        IMAGES[suffix], Markup(data), alt
    )


def table_html(frame: pd.DataFrame, caption: str, badges: str | None = None) -> Markup:
    """An accessible table in a box of its own that scrolls sideways where the page is narrow.

    `frame` holds text ready to show, its columns the headings; everything is escaped. Columns of
    numbers are right-aligned. In the column named `badges` each cell gets a class by its text.
    """
    numeric = {
        column
        for column in frame.columns
        if any(is_known(value) and value != NOTHING for value in frame[column])
        and all(
            not is_known(value) or value == NOTHING or NUMERIC_CELL.match(str(value))
            for value in frame[column]
        )
    }
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(_class("n" if name in numeric else ""), name)
        for name in frame.columns
    )
    body = []
    for row in frame.itertuples(index=False):
        cells = []
        for i, (name, value) in enumerate(zip(frame.columns, row, strict=True)):
            classes = "n" if name in numeric else ""
            text = escape(plain(value))
            if name == badges:
                text = Markup('<span class="badge {}">{}</span>').format(_slug(text), text)
            tag, scope = ("th", Markup(' scope="row"')) if i == 0 else ("td", Markup(""))
            cells.append(
                Markup("<{}{}{}>{}</{}>").format(tag, scope, _class(classes), text, Markup(tag))
            )
        body.append(Markup("<tr>{}</tr>").format(Markup("").join(cells)))
    return Markup(
        '<div class="scroll" role="region" tabindex="0" aria-label="{}"><table>'
        "<caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(caption, caption, head, Markup("\n").join(body))


def _class(name: str) -> Markup:
    return Markup(' class="{}"').format(name) if name else Markup("")


def _slug(text: Any) -> str:
    return re.sub(r"[^a-z0-9]+", "-", str(text).lower()).strip("-")


# --- columns -------------------------------------------------------------------------------------


def columns_of_longest(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A frame of rows that may lack columns, in the column order of the longest row."""
    return pd.DataFrame(list(rows), columns=list(max(rows, key=len)), dtype=object)


def is_number(value: Any) -> bool:
    """Whether a cell is a number, not a truth value or text."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)
