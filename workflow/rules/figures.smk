"""The figures: which there are, what each is drawn from and with, and its words."""

from dvs_snn.report.figures.registry import ROOMS, about

PAGE_FIGURES = [*ROOMS["results"], *(ROOMS["simulation"] if IS_SIMULATED else [])]
# Figures of a recording, and their files.
PANELS = {name: f"{name}{about(name).suffix}" for name in ROOMS["recording"]}
EVENT_PANELS = [name for name in PANELS if name != "raster"]
# The files and settings that figures' modules ask for, by name.
FIGURE_FILES = {
    **{name: f"<results>/tables/{name}.csv" for name in TABLES},
    "frames": "<results>/frames/frames.npy",
    "index": "<results>/frames/index.csv",
    "published": shipped("workflow/data/published.tsv"),
}
FIGURE_SETTINGS = {
    "data_note": DATA_NOTE.get(DATA["source"], ""),
    "power": config["power"],
}
if IS_SIMULATED:
    FIGURE_FILES |= {
        "symbols": "<results>/recordings/symbols.npz",
        "pairs": "<results>/twins/pairs.csv",
        "ours": f"<results>/recordings/{SACCADES_TEST}.csv",
        "real": (
            f"<results>/recordings/{REAL_TWINS}.csv" if SIMULATION["real_twins"] else []
        ),
        "folder": f"<results>/recordings/{SACCADES_TEST}",
        "splits": [f"<results>/recordings/{name}.csv" for name in MISREAD_SETS],
        "folders": expand("<results>/recordings/{set}", set=list(TEST_SETS)),
    }
    FIGURE_SETTINGS |= {
        "scenes": SIMULATION["scenes"],
        "twin_sensor_size": SIMULATION["scenes"]["saccades"]["sensor_size"],
    }


def figure(path, category, labels):
    """A figure that Snakemake's own report shows too, with the words of its module."""
    return report(
        path, caption="../report/figure.rst", category=category, labels=labels
    )


def panel(name):
    """A figure of a recording."""
    path = f"<results>/figures/{{recording}}/{PANELS[name]}"
    said = about(name)
    labels = {"recording": "{recording}", "figure": said.title}
    return figure(path, said.category, labels)


def figure_files(wildcards):
    """What a figure is drawn from."""
    return {name: FIGURE_FILES[name] for name in about(wildcards.figure).inputs}


def figure_settings(wildcards):
    """What a figure is drawn with."""
    names = about(wildcards.figure).settings
    return fixed({name: FIGURE_SETTINGS[name] for name in names})


# Figures that read recordings, and those of which sets.
FIGURE_SETS = (
    {"twins": [SACCADES_TEST], "failures": MISREAD_SETS} if IS_SIMULATED else {}
)


def figure_code(*figures, formats=()):
    """The code of some figures alone: an edit of another's doesn't draw them again."""
    sets = sorted({name for figure in figures for name in FIGURE_SETS.get(figure, [])})
    modules = [about(name).module for name in figures]
    return code_of("plot_figure", *modules, *set_formats(*sets), *formats)


def panel_settings(wildcards):
    """What the figures of a recording are drawn with."""
    return fixed(
        {
            "row": json.loads(recording_row(wildcards)),
            "from_file": from_file(wildcards),
            "sensor_size": DATA["sensor_size"],
        }
    )
