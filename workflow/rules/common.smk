"""Settings, checked once, and the look-ups that rules share. No torch is imported here."""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(workflow.basedir) / "workflow" / "scripts"))

from dvs_snn.configuration import (
    archive_member,
    check_config,
    read_recordings_table,
    scale_name,
)
from dvs_snn.errors import StudyError
from dvs_snn.listing import listing_digest

PACKAGE = "workflow/scripts/dvs_snn"
GATHERED = [
    "comparison",
    "evaluation",
    "layers",
    "predictions",
    "recordings",
    "training",
]
TABLES = [*GATHERED, "network", "runtimes"]
RESULT_FIGURES = ["confusion", "layers", "sweep", "tradeoff", "training"]
PANELS = ["strip", "cloud", "rate", "raster"]


# Snakemake lists the files of --configfile, made absolute, then the Snakefile's own config.yaml.
OWN_CONFIG = [
    os.path.relpath(path) for path in workflow.configfiles if str(path) != "config.yaml"
]
RERUN = " ".join(
    ["snakemake --cores all", *(["--configfile", *OWN_CONFIG] if OWN_CONFIG else [])]
)


def checked(function, *arguments):
    """Call a check; end with its one sentence, without a stack trace, if it fails."""
    try:
        return function(*arguments)
    except StudyError as error:
        sys.exit(f"Error: {error}")


checked(
    check_config,
    config,
    Path(workflow.basedir) / "workflow/schemas/config.schema.yaml",
    Path(workflow.basedir) / PACKAGE / "model.py",
)
DATA = config["data"]
ROWS = checked(
    read_recordings_table,
    Path(config["recordings"]),
    Path(workflow.basedir) / "workflow/schemas/recordings.schema.yaml",
    DATA["source"],
)
STUDY = config["study"]
RECORDINGS = {row["recording"]: row for row in ROWS}
EXTRA_SETS = {entry["name"]: entry for entry in config["evaluation"]["sets"]}
OWN_SETS = [] if DATA["source"] == "tutorial" else ["validation", "test"]
SETS = [*OWN_SETS, *EXTRA_SETS]
SCALES = sorted(config["sweep"]["scales"])
SEEDS = config["seeds"]
VARIANTS = sorted(config["variants"])
PLACEMENT = {key: DATA[key] for key in ("zoom", "rotate", "flip")}
IS_TUTORIAL = DATA["source"] == "tutorial"
DATA_NOTE = {"strokes": "simulated strokes", "tutorial": "the tutorial's PNG frames"}


wildcard_constraints:
    variant=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    seed=r"\d+",
    scale=r"\d+\.\d\d",
    recording=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    set=r"[A-Za-z0-9][A-Za-z0-9._-]*",


def modules(*names):
    """The source files of package modules, as inputs: an edit runs again what uses them."""
    return [f"{PACKAGE}/{name}.py" for name in names]


def fixed(value):
    """A setting as text that is the same whatever the order of its keys: fit for `params`."""
    return json.dumps(value, sort_keys=True)


def digest_of(folder):
    """Short hash of a folder's file names and sizes; empty where there is no folder."""
    return checked(listing_digest, Path(folder)) if folder else ""


def training_settings(wildcards):
    """The training section with what the variant changes in it."""
    changes = config["variants"][wildcards.variant]
    affine = {**config["training"]["affine"], **changes.get("affine", {})}
    return fixed({**config["training"], **changes, "affine": affine})


def recording_file(wildcards):
    """What a recording A, B, C is read from: its file, an archive's member, or the split table."""
    row = RECORDINGS[wildcards.recording]
    if row["file"] is None:
        return "<results>/recordings/split.csv"
    member = archive_member(row)
    return row["file"] if member is None else f"<results>/recordings/videos/{member}"


def recording_row(wildcards):
    """A row of the recordings table, and what its data are."""
    row = RECORDINGS[wildcards.recording]
    note = DATA_NOTE.get(DATA["source"], "") if row["file"] is None else ""
    binning = archive_member(row) is not None
    return fixed({**row, "note": None, "data_note": note, "tutorial_binning": binning})


def from_file(wildcards):
    """Whether a recording has a file of its own, or is a symbol of the study's data."""
    return RECORDINGS[wildcards.recording]["file"] is not None


def set_listing(wildcards):
    """Digest of an evaluation set's folder; a set of the study's own is listed in its split."""
    entry = EXTRA_SETS.get(wildcards.set)
    return digest_of(entry["folder"]) if entry else ""


def set_split(wildcards):
    """The split table, for a set of the study's own."""
    return [] if wildcards.set in EXTRA_SETS else "<results>/recordings/split.csv"


def set_settings(wildcards):
    """Folder, sensor size and placement of a set."""
    entry = EXTRA_SETS.get(wildcards.set, {**DATA, "folder": ""})
    keys = ("folder", "sensor_size", "zoom", "rotate", "flip")
    defaults = {"sensor_size": None, "zoom": 1, "rotate": 0, "flip": "none"}
    return fixed({key: {**defaults, **entry}[key] for key in keys})


def networks(pattern, **more):
    """A path pattern for every trained network of the study."""
    return expand(pattern, variant=VARIANTS, seed=SEEDS, **more)


def figure(path, caption, category, **labels):
    """A figure that Snakemake's own report shows too."""
    return report(
        path, caption=f"../report/{caption}.rst", category=category, labels=labels
    )
