"""The figures by name, and how one is drawn.

A figure is a module of `report/figures/`, a `Figure`. Its function `draw` returns a chart of
Altair's, which the page draws alive.

The arguments of `draw` are what the figure needs: result tables and settings, by the names that
`workflow/rules/figures.smk` gives them. A study may lack a table whose argument has a default. The
workflow imports all figures at each start, so they import Altair only where they draw.
"""

import inspect
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, get_type_hints

from dvs_snn.analysis.marks import Marks
from dvs_snn.files import registry
from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import converted
from dvs_snn.files.tables import read_table
from dvs_snn.report import chart
from dvs_snn.report.cells import shown_sets

FIGURES = "dvs_snn.report.figures"


class Figure(Protocol):
    """What a module of `report/figures/` holds. `SHOWS_ADDED_SETS` may be left out.

    Attributes:
        TITLE: a few words for menus.
        CAPTION: the one text for the page, for readers who can't see the figure, and for
            Snakemake's own report.
    """

    __name__: str
    __file__: str
    TITLE: str
    CAPTION: str

    def draw(self, **tables_and_settings: object) -> chart.Chart:
        """Return the chart."""
        ...


@dataclass(frozen=True)
class FigureJob:
    """What the rule `plot_figure` gives.

    Attributes:
        figure: its name.
        inputs: the result tables that it is drawn from, and `evaluation`, by name.
        settings: those that it is drawn with, by name.
        picture: the SVG.
    """

    figure: str
    inputs: dict[str, Path]
    settings: dict[str, object]
    picture: Path


def figure_names() -> list[str]:
    """Return the names of all figures, sorted."""
    return registry.names(FIGURES)


def figure_of(name: str) -> Figure:
    """Return a figure's module; KeyError, with the known ones, without such a figure."""
    module: Figure = registry.load(FIGURES, name, Figure)
    return module


def needs(name: str) -> dict[str, bool]:
    """Return the tables and settings that a figure is drawn from, and whether it can't do without.

    What it can do without has a default.
    """
    arguments = inspect.signature(figure_of(name).draw).parameters
    return {name: argument.default is argument.empty for name, argument in arguments.items()}


def drawable(given: Mapping[str, object]) -> list[str]:
    """Return the figures that a study can draw, which has all of `given` but what is None.

    Raises:
        StudyError: a figure takes an argument that no study gives.
    """
    names = []
    for name in figure_names():
        needed = needs(name)
        unknown = sorted(needed.keys() - given.keys())
        if unknown:
            raise StudyError(
                f"{figure_of(name).__file__}: draw takes {', '.join(unknown)}, which "
                f"workflow/rules/figures.smk doesn't give; it gives {', '.join(sorted(given))}"
            )
        if all(given[need] is not None for need, is_required in needed.items() if is_required):
            names.append(name)
    return names


def plot_figure(job: FigureJob) -> None:
    """Draw a figure from result tables and settings, by the names of its arguments."""
    figure = figure_of(job.figure)
    tables = {name: read_table(path, name) for name, path in job.inputs.items()}
    mark = Marks.of(tables["evaluation"])
    drawn_from = {name: table for name, table in tables.items() if name in needs(job.figure)}
    sets = [name for table in drawn_from.values() for name in table.get("set", ())]
    shown = sets if getattr(figure, "SHOWS_ADDED_SETS", False) else shown_sets(sets)
    settings = converted(get_type_hints(figure.draw), job.settings)
    drawn = figure.draw(**settings, **drawn_from)
    words = mark.on(shown)
    if words:
        # The picture itself says that this shows no result, in lines that a phone has room for.
        title = drawn.title if isinstance(drawn.title, list) else []
        drawn = drawn.properties(title=[*textwrap.wrap(words, 40), *title])
    chart.write(drawn, job.picture)
