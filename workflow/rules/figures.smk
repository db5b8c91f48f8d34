"""The figures of the study, and the files and settings that they may be drawn from."""

from dvs_snn.report.drawing import about, figure_names, needs

# By the names of the arguments of figures' functions `draw`.
FIGURE_FILES = {
    **{name: f"<results>/tables/{name}.csv" for name in TABLES},
    "frames": "<results>/frames/frames.npy",
    "index": "<results>/frames/index.csv",
}
DATA_NOTE = {"simulated": "simulated", "tutorial": "the tutorial's PNG frames"}
FIGURE_SETTINGS = {
    "data_note": DATA_NOTE.get(DATA["source"], ""),
    "power": config["power"],
    "step_ms": config["inference"]["step_ms"],
    "classes": {"names": DATA["classes"]},
    "methods": dict(sorted(PLAN.methods.items())),
    "origin": {
        "source": DATA["source"],
        "added": {one["name"]: one["origin"] for one in config["evaluation"]["sets"]},
    },
}
# Figures that read recordings, and the sets of these recordings.
FIGURE_SETS = {"inputs": PLAN.added_sets}
if PLAN.added_sets:
    FIGURE_FILES |= {"added": [SETS[name].table for name in PLAN.added_sets]}
    FIGURE_SETTINGS |= {
        "added_sets": [{"name": name, **SETS[name].where} for name in PLAN.added_sets],
        "frame_rule": config["frames"],
    }
if PLAN.is_simulated:
    MISREAD_SETS = [name for name in SETS if SETS[name].of_source and name != VALIDATION]
    FIGURE_SETS |= {"twins": [SACCADES_TEST], "failures": MISREAD_SETS}
    FIGURE_FILES |= {
        "symbols": "<results>/recordings/symbols.npz",
        "pairs": "<results>/twins/pairs.csv",
        "ours": SETS[SACCADES_TEST].table,
        "real": SETS[REAL_TWINS].table if REAL_TWINS in SETS else [],
        "splits": [SETS[name].table for name in MISREAD_SETS],
    }
    FIGURE_SETTINGS |= {"scenes": SIMULATION["scenes"]}
# A figure of tables stands on the page if the study has all that it needs.
KNOWN = FIGURE_FILES.keys() | FIGURE_SETTINGS.keys()
PAGE_FIGURES = [name for name in figure_names() if set(needs(name)) <= KNOWN]
# Figures of the events of a recording; the raster shows its network.
EVENT_PANELS = [name for name in figure_names() if "events" in needs(name)]
PANELS = [*EVENT_PANELS, "raster"]
# What the page's player of a recording shows: two files, whose stems differ.
PLAYER = {"film": "film.png", "facts": "player.json"}


def panel(name):
    """A figure of a recording, which Snakemake's own report shows too."""
    return report(
        f"<results>/figures/{{recording}}/{name}{about(name).SUFFIX}",
        caption="../report/figure.rst",
        category=about(name).CATEGORY,
        labels={"recording": "{recording}", "figure": CLASSES.worded(about(name).TITLE)},
    )


def captions(*figures):
    """The captions of figures."""
    return [CLASSES.worded(about(name).CAPTION) for name in figures]


def figure_files(wildcards):
    """The files that a figure is drawn from, and the folders of the recordings that it reads."""
    files = {name: FIGURE_FILES[name] for name in needs(wildcards.figure) if name in FIGURE_FILES}
    sets = [SETS[name] for name in FIGURE_SETS.get(wildcards.figure, []) if name in TEST_SETS]
    return files | {"folders": [one.made[0] for one in sets]}


def figure_settings(wildcards):
    """The settings that a figure is drawn with."""
    names = [name for name in needs(wildcards.figure) if name in FIGURE_SETTINGS]
    return {name: FIGURE_SETTINGS[name] for name in names}


def figure_code(*figures):
    """The code of these figures: an edit of another figure doesn't draw them again."""
    sets = [SETS[name] for figure in figures for name in FIGURE_SETS.get(figure, [])]
    read = sorted({module for one in sets for module in one.formats})
    return code_of("plot_figure", *[about(name).__name__ for name in figures], *read)


def shown_recording(wildcards):
    """A recording as its figures are told of it."""
    shown = RECORDINGS[wildcards.recording]
    names = "recording", "symbol", "sensor_size", "from_file", "time_unit"
    return {name: getattr(shown.source, name) for name in names} | {"data_note": shown.data_note}


def panel_settings(wildcards):
    """The settings that the figures of a recording are drawn with."""
    return {"shown": shown_recording(wildcards), "classes": FIGURE_SETTINGS["classes"]}
