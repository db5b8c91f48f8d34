"""The figures of the study, and the tables and settings that they may be drawn from."""

from dvs_snn.files.tables import result_tables
from dvs_snn.report.drawing import drawable, figure_of, needs

# By the names of the arguments of figures' functions `draw`; None: this study lacks it.
FIGURE_TABLES = {
    name: f"<results>/tables/{name}.csv" if name in TABLES else None for name in result_tables()
}
FIGURE_SETTINGS = {
    "power": as_dict(SETTINGS.power),
    "origin": {
        "source": SETTINGS.data.source,
        "added": {entry.name: entry.origin for entry in SETTINGS.evaluation.sets},
    },
}
PAGE_FIGURES = checked(drawable, FIGURE_TABLES | FIGURE_SETTINGS)


def figure_tables(wildcards):
    """The tables that a figure is drawn from."""
    # By the numbers of `evaluation` a figure may be marked as no result.
    names = dict.fromkeys([*needs(wildcards.figure), "evaluation"])
    return {name: FIGURE_TABLES[name] for name in names if FIGURE_TABLES.get(name)}


def figure_settings(wildcards):
    """The settings that a figure is drawn with."""
    names = [name for name in needs(wildcards.figure) if name in FIGURE_SETTINGS]
    return {name: FIGURE_SETTINGS[name] for name in names}


def figure_code(wildcards):
    """The code of a figure: an edit of another figure doesn't draw it again."""
    return code_of("plot_figure", figure_of(wildcards.figure).__name__)


def shown_recording(wildcards):
    """A recording as its figures are told of it."""
    shown = RECORDINGS[wildcards.recording]
    names = "recording", "symbol", "sensor_size", "from_file", "time_unit"
    return {name: getattr(shown.source, name) for name in names} | {"data_note": shown.data_note}
