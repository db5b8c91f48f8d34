"""The figures by name, and the facts that the workflow and the page need of each.

A figure's module states these facts in constants. `about` reads them from its source, so the
Snakefile and the page import no matplotlib. The module's function `draw(paths, settings)` makes the
figure from files by name and from settings by name. Modules of the folder `charts` make a Vega-Lite
chart, which the page draws alive; all others a matplotlib figure.

To add a figure, write its module, name it here, and list it in a section of the page. The page
shows the figures of a recording in the order of their names here.
"""

import ast
import functools
from dataclasses import dataclass
from pathlib import Path

FIGURES_BY_FOLDER = {
    "recording": ("strip", "cloud", "rate", "raster"),
    "charts": ("break_even", "confusion", "digits", "front", "latency", "layers", "sets"),
    "results": ("frames", "inputs", "probes", "training"),
    "cost": ("decision",),
    "simulation": ("calibration", "failures", "realism", "twin_counts", "twins"),
}
"""Kind -> names of its figures."""


@dataclass(frozen=True)
class About:
    """The facts that a figure's module states.

    Attributes:
        module: its full name.
        title: a few words for menus.
        category: its place in Snakemake's own report.
        inputs: the files that it is drawn from: tables, or names that the rules know.
        settings: the settings that it is drawn with, by the names that the rules know.
        suffix: of its file.
        caption: the one text for the page, for readers who can't see the figure, and for
            Snakemake's own report.
    """

    module: str
    title: str
    category: str
    inputs: tuple[str, ...]
    caption: str
    settings: tuple[str, ...] = ()
    suffix: str = ".svg"


@functools.cache
def about(name: str) -> About:
    """Read the facts that a figure's module states; KeyError without such a figure."""
    if not any(name in names for names in FIGURES_BY_FOLDER.values()):
        raise KeyError(name)
    path = Path(__file__).parent / f"{name}.py"
    said = {
        node.targets[0].id.lower(): ast.literal_eval(node.value)
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id.lower() in About.__dataclass_fields__
    }
    return About(f"dvs_snn.report.figures.{name}", **said)
