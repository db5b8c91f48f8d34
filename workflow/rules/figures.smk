"""The figures of the study: their names, the files and settings that each needs, its caption."""

from dvs_snn.report.figures.registry import FIGURES_BY_FOLDER, about

PAGE_FOLDERS = ["charts", "results", "cost", *(["simulation"] if PLAN.is_simulated else [])]
# A study without test sets lacks a table, and one without added sets their files; so the figure.
LACKING = {"probes"} - set(TABLES) | (set() if PLAN.added_sets else {"added"})
PAGE_FIGURES = [
    name
    for folder in PAGE_FOLDERS
    for name in FIGURES_BY_FOLDER[folder]
    if LACKING.isdisjoint(about(name).inputs)
]
# Figures of a recording, and their files.
PANELS = {name: f"{name}{about(name).suffix}" for name in FIGURES_BY_FOLDER["recording"]}
# What the page's player of a recording shows: two files, whose stems differ.
PLAYER = {"film": "film.png", "facts": "player.json"}
EVENT_PANELS = [name for name in PANELS if name != "raster"]
# The files and settings that figures' modules ask for, by name.
FIGURE_FILES = {
    **{name: f"<results>/tables/{name}.csv" for name in TABLES},
    "frames": "<results>/frames/frames.npy",
    "index": "<results>/frames/index.csv",
    "published": shipped("workflow/data/published.tsv"),
    "added": [SETS[name].table for name in PLAN.added_sets],
}
DATA_NOTE = {"simulated": "simulated", "tutorial": "the tutorial's PNG frames"}
FIGURE_SETTINGS = {
    "data_note": DATA_NOTE.get(DATA["source"], ""),
    "power": config["power"],
    "step_ms": config["inference"]["step_ms"],
    "classes": DATA["classes"],
    "added_sets": [{"name": name, **SETS[name].where} for name in PLAN.added_sets],
    "frame_rule": config["frames"],
    "origins": {"source": DATA["source"], "evaluation": {"sets": config["evaluation"]["sets"]}},
}
# Figures that read recordings, and the sets of these recordings.
FIGURE_SETS = {"inputs": PLAN.added_sets}
if PLAN.is_simulated:
    MISREAD_SETS = [name for name, one in SETS.items() if one.own and name != VALIDATION]
    FIGURE_SETS |= {"twins": [SACCADES_TEST], "failures": MISREAD_SETS}
    FIGURE_FILES |= {
        "symbols": "<results>/recordings/symbols.npz",
        "pairs": "<results>/twins/pairs.csv",
        "ours": SETS[SACCADES_TEST].table,
        "real": SETS[REAL_TWINS].table if REAL_TWINS in SETS else [],
        "folder": SETS[SACCADES_TEST].made[0],
        "splits": [SETS[name].table for name in MISREAD_SETS],
        "folders": [SETS[name].made[0] for name in TEST_SETS],
    }
    FIGURE_SETTINGS |= {"scenes": SIMULATION["scenes"]}


def figure(path, category, labels):
    """A figure that Snakemake's own report shows too, with its module's caption."""
    return report(path, caption="../report/figure.rst", category=category, labels=labels)


def panel(name):
    """A figure of a recording."""
    path = f"<results>/figures/{{recording}}/{PANELS[name]}"
    labels = {"recording": "{recording}", "figure": CLASSES.worded(about(name).title)}
    return figure(path, about(name).category, labels)


def figure_settings(wildcards):
    """The settings that a figure is drawn with."""
    names = about(wildcards.figure).settings
    return fixed({name: FIGURE_SETTINGS[name] for name in names})


def figure_code(*figures):
    """The modules that these figures need: an edit of another figure doesn't draw them again."""
    sets = [SETS[name] for figure in figures for name in FIGURE_SETS.get(figure, [])]
    read = sorted({module for one in sets for module in one.formats})
    return code_of("plot_figure", *[about(name).module for name in figures], *read)


def panel_settings(wildcards):
    """The settings that the figures of a recording are drawn with."""
    one = RECORDINGS[wildcards.recording]
    settings = {"from_file": one.from_file, "time_unit": DATA["time_unit"]}
    return fixed({"row": one.row, "classes": DATA["classes"], **settings})
