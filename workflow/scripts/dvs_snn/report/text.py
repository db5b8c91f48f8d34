"""Parts of a page: numbers as text, figures as images."""

import base64
import functools
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from markupsafe import Markup, escape

from dvs_snn.files import errors
from dvs_snn.files.tables import read_csv
from dvs_snn.report.cells import Row, is_known, label_text
from dvs_snn.report.chart import INK, PAPER, parts_of
from dvs_snn.settings.study_settings import WORKFLOW

CITATIONS = WORKFLOW / "data" / "citations.tsv"
NOTHING = "–"
NBSP = "\u00a0"
PICTURE_WORDS = re.compile(r' (?:role|class|aria-[a-z]+)="[^"]*"')
LONG_DECIMAL = re.compile(r"-?\d+\.\d{3,}(?![\d.e%])")


def _or_dash(written: Callable[..., str]) -> Callable[..., str]:
    """Let a way to write a number show a dash for one that is not known."""

    @functools.wraps(written)
    def shown(value: float | None, **how: int) -> str:
        if value is None or not is_known(value):
            return NOTHING
        return written(float(value), **how)

    return shown


def plain(value: object) -> str:
    """A label, name or count as text; a dash for nothing; 3.0 (3 beside gaps in pandas) is 3."""
    return label_text(value) or NOTHING


@_or_dash
def significant(value: float, digits: int = 3) -> str:
    """A number with at least `digits` significant digits and thousands separators, no exponent.

    Digits before the decimal point are never rounded away: 227,922,624 keeps them all.
    """
    if value == 0:
        return "0"
    if abs(value) < 1e-6:
        return f"{value:.{digits - 1}e}"
    # The exponent after rounding: 99.96 has three digits before the point, not two.
    exponent = int(f"{value:.{digits - 1}e}".split("e")[1])
    decimals = max(0, digits - 1 - exponent)
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if value.is_integer() and "." in text else text


@_or_dash
def count(value: float) -> str:
    """A whole number with thousands separators."""
    return f"{round(value):,}"


@_or_dash
def percent(value: float, digits: int = 1) -> str:
    """A fraction in per cent with so many digits behind the point."""
    return f"{100 * value:.{digits}f}{NBSP}%"


@_or_dash
def points(value: float) -> str:
    """A difference of two fractions in hundredths, with its sign: `−1.2`."""
    written = f"{100 * value:+.1f}".replace("-", "−")
    return "0.0" if written in ("+0.0", "−0.0") else written


@_or_dash
def millions(value: float) -> str:
    """A number of operations in millions."""
    return significant(value / 1e6)


@_or_dash
def setting(value: float) -> str:
    """A setting's number as it stands, with a real minus sign."""
    return f"{value:g}".replace("-", "−")


def from_to(low: str, high: str) -> str:
    """A range that doesn't break over lines, its unit only at its end."""
    unit = high.split(NBSP)[-1] if NBSP in high else ""
    low = low.removesuffix(f"{NBSP}{unit}") if unit else low
    return f"{low}{NBSP}to{NBSP}{high}"


def interval_of(
    row: Row, name: str = "accuracy", written: Callable[[float | None], str] = percent
) -> str:
    """A row's number and its ends `name_low` and `name_high`: `88.5 % (81.2 to 93.0 %)`."""
    value = row[name]
    low = row[f"{name}_low"]
    high = row[f"{name}_high"]
    if is_known(value) and is_known(low) and is_known(high):
        return f"{written(value)} ({from_to(written(low), written(high))})"
    return written(value)


def open_interval_of(row: Row, name: str) -> str:
    """A cell and its interval in brackets, of which an end that isn't known is left open."""
    low = row[f"{name}_low"]
    high = row[f"{name}_high"]
    if is_known(low) and not is_known(high):
        return f"{significant(row[name])} (95{NBSP}% interval: at least {significant(low)})"
    if is_known(high) and not is_known(low):
        return f"{significant(row[name])} (95{NBSP}% interval: at most {significant(high)})"
    return interval_of(row, name, significant)


def spread(values: Iterable[float]) -> str:
    """A mean and, for several values, the smallest and largest in brackets."""
    known = [float(value) for value in values if is_known(value)]
    if not known:
        return NOTHING
    mean = significant(sum(known) / len(known))
    low = significant(min(known))
    high = significant(max(known))
    return mean if low == high else f"{mean} ({from_to(low, high)})"


def with_unit(
    value: float | None, unit: str, written: Callable[[float | None], str] = significant
) -> str:
    """A number and its unit, which no line break parts."""
    return f"{written(value)}{NBSP}{unit}" if is_known(value) else NOTHING


def plural(number: float, word: str) -> str:
    """`1 seed`, `2 seeds`."""
    return f"{count(number)} {word}{'' if round(number) == 1 else 's'}"


def listed(parts: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`; empty for no part."""
    parts = list(parts)
    return errors.listed(parts) if parts else ""


def coded(sentence: str) -> Markup:
    """A sentence whose words in backticks are code."""
    code = Markup("<code>{}</code>")
    return Markup("").join(
        code.format(part) if number % 2 else part for number, part in enumerate(sentence.split("`"))
    )


def seen(words: str) -> str:
    """Words without the marks of HTML."""
    return words.striptags() if isinstance(words, Markup) else words


def cited(source: str, words: str = "") -> Markup:
    """A link to a source, in its own or other words; no link if ``citations.tsv`` lacks it."""
    words = words or source
    for known, address in _addresses().items():
        if known in source:
            return Markup('<a href="{}">{}</a>').format(address, words)
    return escape(words)


@functools.cache
def _addresses() -> dict[str, str]:
    """The addresses of sources, in the order of ``citations.tsv``."""
    citations = read_csv(CITATIONS, {"source": "str", "address": "str"}, sep="\t")
    return dict(zip(citations["source"], citations["address"], strict=True))


def embed_png(data: bytes, alt: str) -> Markup:
    """An `<img>` that holds a PNG as a data URI."""
    written = base64.b64encode(data).decode("ascii")
    return Markup('<img src="data:image/png;base64,{}" alt="{}">').format(Markup(written), alt)


def embed_json(written: str) -> Markup:
    """JSON as a script element holds it: no text within may end the element."""
    return Markup(written.replace("<", "\\u003c"))


def embed_chart(path: Path, name: str, alt: str) -> Markup:
    """A chart's picture, and the specification from which the page's script draws it alive.

    Its text takes the colour of the page's text and its background is transparent, so it suits
    light and dark.

    Args:
        path: the chart's file.
        name: makes the ids unique on the page.
        alt: what the chart shows, for readers who can't see it.
    """
    picture, spec = parts_of(path.read_text(encoding="utf-8"))
    picture = _page_colours(picture)
    # The element around the picture describes it, so the roles and labels inside it go.
    picture = PICTURE_WORDS.sub("", picture).replace("<svg ", '<svg aria-hidden="true" ', 1)
    picture = LONG_DECIMAL.sub(lambda match: f"{float(match[0]):.2f}", picture)
    # Ids of one picture must not meet those of another.
    picture = re.sub(r'(id="|url\(#)(?=\w)', rf"\g<1>{name}-", picture)
    return Markup(
        '<div class="chart" id="chart-{}" role="img" aria-label="{}">{}</div>'
        '<script type="application/json" data-chart="chart-{}">{}</script>'
    ).format(name, alt, Markup(picture), name, embed_json(_page_colours(spec)))


def _page_colours(drawn: str) -> str:
    return drawn.replace(INK, "currentColor").replace(PAPER, "transparent")
