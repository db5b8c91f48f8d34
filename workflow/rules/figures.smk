"""The figures of the study, and the files and settings that they may be drawn from."""

from dvs_snn.files.tables import result_tables
from dvs_snn.report import raster
from dvs_snn.report.drawing import about, drawable, needs

# By the names of the arguments of figures' functions `draw`; None: this study lacks it.
DATA_NOTE = {"simulated": "simulated", "tutorial": "the tutorial's PNG frames"}
ADDED = PLAN.added_sets
MISREAD_SETS = [name for name in SETS if SETS[name].of_source and name != VALIDATION]
FIGURE_FILES = {
    **{
        name: f"<results>/tables/{name}.csv" if name in TABLES else None for name in result_tables()
    },
    "frames": f"{PLAN.frames}/frames.npy",
    "index": f"{PLAN.frames}/index.csv",
    "added": [SETS[name].table for name in ADDED] or None,
    **dict.fromkeys(("symbols", "pairs", "ours", "real", "splits")),
}
FIGURE_SETTINGS = {
    "data_note": DATA_NOTE.get(DATA["source"], ""),
    "power": config["power"],
    "step_ms": config["inference"]["step_ms"],
    "classes": {"names": DATA["classes"]},
    "frame_rule": config["frames"],
    "added_sets": [{"name": name, **SETS[name].where} for name in ADDED],
    "scenes": SIMULATION["scenes"] if PLAN.is_simulated else None,
}
if PLAN.is_simulated:
    FIGURE_FILES |= {
        "symbols": "<work>/recordings/symbols.npz",
        "pairs": "<work>/twins/pairs.csv",
        "ours": SETS[SACCADES_TEST].table,
        "real": SETS[REAL_TWINS].table if REAL_TWINS in SETS else [],
        "splits": [SETS[name].table for name in MISREAD_SETS],
    }
# Figures that read recordings, and the sets of these recordings.
FIGURE_SETS = {"inputs": ADDED, "twins": [SACCADES_TEST], "failures": MISREAD_SETS}
PAGE_FIGURES = drawable(FIGURE_FILES | FIGURE_SETTINGS)


def figure_files(wildcards):
    """The files that a figure is drawn from, and the folders of the recordings that it reads."""
    files = {name: FIGURE_FILES[name] for name in needs(wildcards.figure) if name in FIGURE_FILES}
    sets = [SETS[name] for name in FIGURE_SETS.get(wildcards.figure, []) if name in TEST_SETS]
    # By these numbers a figure may be marked as no result.
    files["evaluation"] = FIGURE_FILES["evaluation"]
    return files | {"folders": [each.made[0] for each in sets]}


def figure_settings(wildcards):
    """The settings that a figure is drawn with."""
    names = [name for name in needs(wildcards.figure) if name in FIGURE_SETTINGS]
    return {name: FIGURE_SETTINGS[name] for name in names}


def figure_code(wildcards):
    """The code of a figure: an edit of another figure doesn't draw it again."""
    sets = [SETS[name] for name in FIGURE_SETS.get(wildcards.figure, [])]
    read = sorted({module for each in sets for module in each.formats})
    return code_of("plot_figure", about(wildcards.figure).__name__, *read)


def shown_recording(wildcards):
    """A recording as its figures are told of it."""
    shown = RECORDINGS[wildcards.recording]
    names = "recording", "symbol", "sensor_size", "from_file", "time_unit"
    return {name: getattr(shown.source, name) for name in names} | {"data_note": shown.data_note}
