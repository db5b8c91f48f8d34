"""The figures by name, and how one is drawn.

A figure is a module of `report/figures/`, a `FigureModule`. Its function `draw` returns a chart of
Altair's, which the page draws alive.

The arguments of `draw` are what the figure needs. One that is a `DataFrame` is the table of its
name; `workflow/rules/figures.smk` has the other files and the settings. The workflow imports all
figures at each start, so they import Altair only where they draw.
"""

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from dvs_snn.files import registry
from dvs_snn.files.job import arguments_of
from dvs_snn.files.tables import read_table
from dvs_snn.report import chart
from dvs_snn.report.cells import answer_sets
from dvs_snn.tables.marks import Marks

FIGURES = "dvs_snn.report.figures"


class FigureModule(Protocol):
    """What a figure's module holds.

    Attributes:
        TITLE: a few words for menus.
        CATEGORY: its place in Snakemake's own report.
        CAPTION: the one text for the page, for readers who can't see the figure, and for
            Snakemake's own report.
        draw: returns the chart.
    """

    TITLE: str
    CATEGORY: str
    CAPTION: str
    draw: Callable[..., chart.Chart]


def figure_names() -> list[str]:
    """Return the names of all figures, sorted."""
    return registry.names(FIGURES)


def about(name: str) -> FigureModule:
    """Return a figure's module; KeyError, with the known ones, without such a figure."""
    module: FigureModule = registry.load(FIGURES, name, FigureModule)
    return module


def needs(name: str) -> list[str]:
    """Return the names of the tables, other files and settings that a figure is drawn from."""
    return list(inspect.signature(about(name).draw).parameters)


def drawable(given: Mapping[str, Any]) -> list[str]:
    """Return the figures that a study can draw, which has all of `given` but what is None.

    Raises:
        ValueError: a figure takes an argument that no study gives.
    """
    for name in figure_names():
        unknown = sorted(set(needs(name)) - set(given))
        if unknown:
            raise ValueError(
                f"{inspect.getfile(about(name).draw)}: draw takes {', '.join(unknown)}, which "
                f"workflow/rules/figures.smk doesn't give; it gives {', '.join(sorted(given))}"
            )
    return [name for name in figure_names() if all(given[need] is not None for need in needs(name))]


def plot_figure(
    figure: str, settings: dict[str, Any], inputs: dict[str, Path | list[Path]], picture: Path
) -> None:
    """Draw a figure from files and settings, by the names of its arguments."""
    draw = about(figure).draw
    tables = {
        argument.name: read_table(inputs[argument.name], argument.name)
        for argument in inspect.signature(draw).parameters.values()
        if argument.annotation is pd.DataFrame
    }
    sets = [name for table in tables.values() for name in table.get("set", ())]
    # Most figures show the sets of the answer alone.
    shown = sets if getattr(about(figure), "SHOWS_ADDED_SETS", False) else answer_sets(sets)
    mark = Marks.of(read_table(inputs["evaluation"], "evaluation")).on(shown)
    drawn = draw(**arguments_of(draw, {**settings, **inputs, **tables}))
    if mark:
        # It says in the picture that this shows no result.
        title = drawn.title if isinstance(drawn.title, str) else ""
        drawn = drawn.properties(title=[mark, title] if title else mark)
    chart.write(drawn, picture)
