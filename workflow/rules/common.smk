"""Settings, checked once, and the look-ups that rules share. No torch is imported here."""

import dataclasses
import functools
import json
import math
import os
import re
import shlex
import sys
from pathlib import Path

# What ships is found from here, wherever Snakemake runs.
CLONE = Path(workflow.basedir).resolve()
SCRIPTS = CLONE / "workflow" / "scripts"
sys.path.insert(0, str(SCRIPTS))

from dvs_snn.sources.catalogue import archives_of, locate, read_sources
from dvs_snn.settings.mistakes import (
    check_command_line,
    check_python,
    refuse_doubled_keys,
)
from dvs_snn.settings.recordings import (
    VIDEOS,
    archive_member,
    read_recordings_table,
    simulated_symbol,
)
from dvs_snn.events.recording import SUFFIXES
from dvs_snn.files.errors import StudyError
from dvs_snn.inference.engines.registry import CONVERTED_SUFFIX, engine_of
from dvs_snn.settings.study import as_dict, read_study, training_of
from dvs_snn.settings.sweep import scale_name
from dvs_snn.simulation.scene_formats import SUFFIXES as SCENE_SUFFIXES
from dvs_snn.simulation.symbols import check_counts
from dvs_snn.sources.folder import check_folders, list_folder, listing_digest
from dvs_snn.settings.set_names import (
    NOMINAL_VALIDATION,
    REAL_TWINS,
    SACCADES_TEST,
    TEST,
    TEST_SETS,
    VALIDATION,
    VALIDATION_SETS,
)

GATHERED = [
    "budgets",
    "choice",
    "comparison",
    "evaluation",
    "layers",
    "predictions",
    "recordings",
    "training",
]
TABLES = [*GATHERED, "network", "runtimes"]


def shipped(path):
    """A file of the clone, as a path from the working folder: the same text in a moved clone."""
    return os.path.relpath(CLONE / path)


def shipped_or_own(path):
    """A file that the settings name: the user's own, or else one of the clone."""
    is_shipped = not os.path.exists(path) and os.path.exists(CLONE / path)
    return Path(shipped(path) if is_shipped else path)


# Snakemake lists the files of --configfile, made absolute, then the Snakefile's own config.yaml.
OWN_CONFIG = [
    os.path.relpath(path)
    for path in workflow.configfiles
    if Path(path).resolve() != CLONE / "config.yaml"
]
# Shown to be pasted into a shell: names of files may hold anything.
RERUN = shlex.join(
    [
        *("snakemake", "--cores", "all"),
        *([] if CLONE == Path.cwd() else ["-s", shipped("Snakefile")]),
        *(["--configfile", *OWN_CONFIG] if OWN_CONFIG else []),
    ]
)


def nearness_to_one(scale):
    """Distance of a scale from 1 on a logarithmic axis."""
    return abs(math.log(scale))


def checked(function, *arguments):
    """Call a check; end with its one sentence, without a stack trace, if it fails."""
    try:
        return function(*arguments)
    except StudyError as error:
        sys.exit(f"Error: {error}")


checked(check_python, sys.executable)
checked(check_command_line, sys.argv)
for path in workflow.configfiles:
    checked(refuse_doubled_keys, Path(os.path.relpath(path)))
SETTINGS = checked(read_study, config)
TRAININGS = {name: as_dict(training_of(SETTINGS, name)) for name in SETTINGS.variants}
# Rules look up what holds, defaults and all.
config.clear()
config.update(as_dict(SETTINGS))
checked(check_folders, SETTINGS.folders())
# Says itself what its evaluations ask for.
ENGINE = checked(engine_of, SETTINGS.inference.engine, SETTINGS.inference.device)
DATA = config["data"]
IS_TUTORIAL = DATA["source"] == "tutorial"
SOURCES = checked(read_sources, CLONE / "workflow/data/sources.tsv", DATA["sources"])
# Recordings that the study unpacks itself: part -> archives. With data.folder they are there.
PARTS = {}
if DATA["source"] == "mnist-dvs" and not DATA["folder"]:
    PARTS = {"all": archives_of("mnist-dvs", SOURCES)}
elif DATA["source"] == "nmnist" and not DATA["folder"]:
    PARTS = {"train": ["nmnist/Train.zip"], "test": ["nmnist/Test.zip"]}
UNPACKED = [f"<results>/recordings/unpacked/{part}" for part in PARTS]
# Archive -> where it lies, or will. The folder of the tutorial is one of archives.
ARCHIVES = {}
if IS_TUTORIAL or PARTS:
    local_key = "data.local" if DATA["local"] else "data.folder"
    local = DATA["local"] or DATA["folder"]
    ARCHIVES = checked(
        locate,
        archives_of(DATA["source"], SOURCES),
        Path(DATA["downloads"]),
        Path(local) if local else None,
        local_key,
    )
# What is there is never an output: no run deletes or fetches it again.
MISSING = sorted(name for name, path in ARCHIVES.items() if not path.exists())
ROWS = checked(
    read_recordings_table, shipped_or_own(config["recordings"]), DATA["source"]
)
STUDY = config["study"]
RECORDINGS = {row["recording"]: row for row in ROWS}
EXTRA_SETS = {entry["name"]: entry for entry in config["evaluation"]["sets"]}
IS_SIMULATED = DATA["source"] == "simulated"
SIMULATION = config["simulation"]
RECEIPT = "<results>/archives/{archive}.json"
# Set -> its scenes, which part of the symbols it shows, and whether scene and sensor vary as in
# training. Both validation sets hold each symbol once in each scene: one scale is chosen for both
# scenes, for the nominal sensors on one set and for any sensor on the other.
SIMULATED_SETS = {
    VALIDATION: (["mnist-dvs", "saccades"], "validation", True),
    NOMINAL_VALIDATION: (["mnist-dvs", "saccades"], "validation", False),
    TEST: (["mnist-dvs"], "test", False),
    SACCADES_TEST: (["saccades"], "test", False),
}
SCENE_PLACEMENTS = {
    scene: {key: settings[key] for key in ("zoom", "rotate", "flip")}
    for scene, settings in SIMULATION["scenes"].items()
}
if IS_SIMULATED:
    checked(check_counts, SIMULATION["symbols"])
    for row in RECORDINGS.values():
        if row["file"] is None:
            checked(simulated_symbol, row, SIMULATION["symbols"]["test"])
    # Real recordings of the test symbols, where the user has them.
    OWN_SETS = [*SIMULATED_SETS, *([REAL_TWINS] if SIMULATION["real_twins"] else [])]
    MISREAD_SETS = [name for name in OWN_SETS if name not in VALIDATION_SETS]
    TABLES += ["calibration", "paired", "sensitivity"]
else:
    OWN_SETS = [] if IS_TUTORIAL else [VALIDATION, TEST]
SETS = [*OWN_SETS, *EXTRA_SETS]
# Sets that one job runs together, and those that came beside them.
STUDY_SETS = [name for name in OWN_SETS if name != REAL_TWINS]
ADDED_SETS = [name for name in SETS if name not in STUDY_SETS]
SCALES = sorted(config["sweep"]["scales"])
# Both inference engines are compared on this set, at these scales; none where there is no set.
VERIFIED_SET = TEST if TEST in SETS else next(iter(SETS), None)
VERIFIED_SCALES = sorted({SCALES[0], min(SCALES, key=nearness_to_one), SCALES[-1]})
if VERIFIED_SET:
    TABLES += ["verification"]
SEEDS = config["seeds"]
VARIANTS = sorted(config["variants"])
PLACEMENT = {key: DATA[key] for key in ("zoom", "rotate", "flip")}
DATA_NOTE = {"simulated": "simulated", "tutorial": "the tutorial's PNG frames"}

# What jobs ask for. Memory: at least a fifth more than the largest `max_rss` of the benchmark files,
# of the default study where it runs a rule; docs/size.md shows both. Measured with torch's
# CUDA build, which pip takes on Linux and which needs 0.6 GB more than the CPU build, GPU or not.
# Runtime: at least eight times what was measured, and ten minutes for starting on a busy file
# system: it is to end a job that hangs, no other. Plain numbers are those of rules that were not
# measured.
TRAINING_MB = 1400
# Activations and gradients of a frame of a batch, of the wider network in float32.
MB_PER_FRAME_OF_BATCH = 1
# Allowed for a GPU's own libraries. Not measured: no GPU was to be had.
GPU_MB = 3000
# Frames are 64 x 64 bytes. On an old processor a thread trains on 500 frames a second.
FRAMES_PER_MB = 244
SLOWEST_FRAMES_PER_MINUTE = 30_000


wildcard_constraints:
    variant=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    seed=r"\d+",
    scale=r"\d+\.\d\d",
    recording=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    set=r"[A-Za-z0-9][A-Za-z0-9._-]*",


# Imports are written in full, one a line: `from dvs_snn.room.module import`, or
# `from dvs_snn.room import module`.
IMPORT = re.compile(
    r"^ *(?:from|import) dvs_snn([.\w]*)(?: import ([\w ,]+)$)?", re.MULTILINE
)


@functools.cache
def imported(path):
    """The package modules that a source file imports, inside functions too."""
    package = SCRIPTS / "dvs_snn"
    found = set()
    for dotted, names in IMPORT.findall(path.read_text(encoding="utf-8")):
        place = package.joinpath(*dotted.strip(".").split("."))
        if place.is_dir():
            found |= {place / f"{name.split()[0]}.py" for name in names.split(",")}
        else:
            found.add(place.with_suffix(".py"))
    return frozenset(found)


@functools.cache
def code_of(script, *entries):
    """The package modules that a script uses, directly or not: an edit runs again what uses them.

    Registries name modules as text: `entries` are those of which this job uses one, in full
    (`dvs_snn.training.losses.cross_entropy`).
    """
    own = SCRIPTS / f"{script}.py"
    todo = {
        own,
        *(SCRIPTS.joinpath(*name.split(".")).with_suffix(".py") for name in entries),
    }
    seen = set()
    while todo:
        path = todo.pop()
        seen.add(path)
        todo |= imported(path) - seen
    return sorted(os.path.relpath(path) for path in seen - {own})


def formats(suffixes):
    """The modules that read and write files of these suffixes, as `code_of` takes them."""
    known = sorted(set(suffixes) & set(SUFFIXES))
    return [f"dvs_snn.events.formats.{suffix[1:]}" for suffix in known]


@functools.cache
def suffixes_in(folder):
    """Suffixes of the recordings of a user's folder."""
    return frozenset(
        file.path.suffix.lower() for file in checked(list_folder, Path(folder))
    )


def data_suffixes():
    """Suffixes of the study's own recordings, where it makes none."""
    if PARTS:
        return {".aedat" if DATA["source"] == "mnist-dvs" else ".bin"}
    folders = [] if IS_TUTORIAL else [DATA["folder"], DATA["test_folder"]]
    return set().union(*(suffixes_in(folder) for folder in folders if folder))


def set_formats(*sets):
    """The modules of the formats that some sets hold."""
    suffixes = set()
    for name in sets:
        if name in EXTRA_SETS:
            suffixes |= suffixes_in(EXTRA_SETS[name]["folder"])
        elif name == REAL_TWINS:
            suffixes.add(".bin")
        elif IS_SIMULATED:
            suffixes |= {SCENE_SUFFIXES[scene] for scene in SIMULATED_SETS[name][0]}
        else:
            suffixes |= data_suffixes()
    return formats(suffixes)


def recording_formats(wildcards):
    """The module of the format of a recording A, B, C; of a symbol, those of the study's data."""
    file = RECORDINGS[wildcards.recording]["file"]
    if file is not None:
        return formats([Path(file).suffix.lower()])
    return formats([SCENE_SUFFIXES["paper"]] if IS_SIMULATED else data_suffixes())


def set_code(script):
    """The code of a script that reads the recordings of the set {set}."""
    return lambda wildcards: code_of(script, *set_formats(wildcards.set))


def fixed(value):
    """A setting as text that is the same whatever the order of its keys: fit for `params`."""
    return json.dumps(value, sort_keys=True)


def digest_of(folder):
    """Short hash of a folder's file names and sizes; empty where there is no folder."""
    return checked(listing_digest, Path(folder)) if folder else ""


def training_settings(wildcards):
    """The training section with what the variant changes in it, as text."""
    return fixed(TRAININGS[wildcards.variant])


def training_threads(wildcards):
    """Threads of a variant's training."""
    return TRAININGS[wildcards.variant]["compute_threads"]


def training_code(wildcards):
    """The modules of a variant's training, its loss among them."""
    loss = TRAININGS[wildcards.variant]["loss"].replace("-", "_")
    return code_of("train", f"dvs_snn.training.losses.{loss}")


def gpus(section):
    """GPUs that a job asks for; with `auto` it takes one that it sees and asks for none."""
    return int(config[section]["device"] in ("cuda", "mps"))


def asked(base, name="", per_mb=0, each=0):
    """A resource: `base`, more for each MB and each file of the input `name`; a retry asks again
    as much."""

    def of_job(wildcards, input, attempt):
        files = input.get(name, [])
        files = [files] if isinstance(files, str) else files
        mb = sum(map(os.path.getsize, files)) / 1e6
        return attempt * math.ceil(base + per_mb * mb + each * len(files))

    return of_job


def training_mb(wildcards, input, attempt):
    """Memory of a training: torch, a batch's maps forth and back, and the frames, which are mapped."""
    batch_mb = MB_PER_FRAME_OF_BATCH * TRAININGS[wildcards.variant]["batch_size"]
    base = TRAINING_MB + GPU_MB * gpus("training") + batch_mb
    return asked(base, "frames", per_mb=1)(wildcards, input, attempt)


def training_minutes(wildcards, input, attempt):
    """Minutes of a training, by frames and epochs."""
    epochs = TRAININGS[wildcards.variant]["epochs"]
    per_mb = epochs * FRAMES_PER_MB / SLOWEST_FRAMES_PER_MINUTE
    return asked(10, "frames", per_mb=per_mb)(wildcards, input, attempt)


def recording_file(wildcards):
    """What a recording A, B, C is read from: its file, an archive's member, or the split table."""
    row = RECORDINGS[wildcards.recording]
    if row["file"] is None and IS_SIMULATED:
        return "<results>/recordings/videos/{recording}.aedat"
    if row["file"] is None:
        return "<results>/recordings/split.csv"
    member = archive_member(row)
    return row["file"] if member is None else f"<results>/recordings/videos/{member}"


def recording_row(wildcards):
    """A row of the recordings table, and what its data are."""
    row = RECORDINGS[wildcards.recording]
    note = DATA_NOTE.get(DATA["source"], "") if row["file"] is None else ""
    binning = archive_member(row) is not None
    facts = {"note": None, "data_note": note, "tutorial_binning": binning}
    if row["file"] is None and IS_SIMULATED:
        facts |= simulated_facts(row)
    return fixed({**row, **facts})


def shown_symbol(row):
    """The symbol that a simulated recording shows, by its own name."""
    return simulated_symbol(row, SIMULATION["symbols"]["test"])


def simulated_facts(row):
    """What a simulated recording is: its symbol and digit, its sensor and its placement."""
    symbol, scene = shown_symbol(row), SIMULATION["scenes"]["paper"]
    width, height = scene["sensor_size"]
    facts = {
        "symbol": symbol,
        "label": int(symbol[0]),
        "sensor_width": width,
        "sensor_height": height,
    }
    own = {key: row[key] for key in SCENE_PLACEMENTS["paper"] if row[key] is not None}
    return {**facts, **SCENE_PLACEMENTS["paper"], **own}


def scene_settings(*scenes, training=False):
    """The part of the simulation's settings that some scenes need: a change runs only their jobs."""
    kept = {scene: SIMULATION["scenes"][scene] for scene in scenes}
    sensors = {scene["sensor"] for scene in kept.values()}
    settings = {
        "scenes": kept,
        "sensors": {name: SIMULATION["sensors"][name] for name in sensors},
    }
    if training:
        settings["training"] = SIMULATION["training"]
    return fixed(settings)


def binning_of(wildcards):
    """The module that bins the tutorial's own videos as it does; none for other recordings."""
    is_video = archive_member(RECORDINGS[wildcards.recording]) is not None
    return ["dvs_snn.sources.tutorial"] if is_video else []


def from_file(wildcards):
    """Whether a recording has a file of its own, or is looked up in the split table."""
    return IS_SIMULATED or RECORDINGS[wildcards.recording]["file"] is not None


def archive_file(name):
    """Where an archive lies. Its receipt, a rule's other input, tells when it has changed."""
    return ancient(str(ARCHIVES[name]))


def receipt_of(name):
    """The receipt of an archive."""
    return RECEIPT.format(archive=name)


def known_source(wildcards):
    """What is known of an archive."""
    return fixed(dataclasses.asdict(SOURCES[wildcards.archive]))


def set_listing(wildcards):
    """Digest of an evaluation set's folder; a set of the study's own is listed in its split."""
    entry = EXTRA_SETS.get(wildcards.set)
    return digest_of(entry["folder"]) if entry else ""


def set_split(wildcards):
    """The split table, for a set of the study's own, and the recordings where they are made."""
    if wildcards.set in EXTRA_SETS:
        return []
    if IS_SIMULATED:
        return "<results>/recordings/{set}.csv"
    return "<results>/recordings/split.csv"


def evaluated(pattern):
    """A pattern for every set that one job runs: an added one alone, or all of the study's."""

    def of_sets(wildcards):
        sets = [wildcards.set] if "set" in wildcards.keys() else STUDY_SETS
        return expand(pattern, set=sets, allow_missing=True)

    return of_sets


def set_folder(wildcards):
    """The folder of a set that the study makes or unpacks."""
    if IS_SIMULATED and wildcards.set in SIMULATED_SETS:
        return "<results>/recordings/{set}"
    return [] if wildcards.set in EXTRA_SETS else UNPACKED


def where_placed(entry):
    """Sensor size and placement of a set's or a scene's recordings."""
    return {key: entry[key] for key in ("sensor_size", "zoom", "rotate", "flip")}


def set_scenes(wildcards):
    """Sensor size and placement by scene; "" is what isn't simulated."""
    if wildcards.set in EXTRA_SETS:
        return fixed({"": where_placed(EXTRA_SETS[wildcards.set])})
    if IS_SIMULATED:
        scenes = SIMULATED_SETS.get(wildcards.set, (["saccades"],))[0]
        return fixed(
            {scene: where_placed(SIMULATION["scenes"][scene]) for scene in scenes}
        )
    return fixed({"": where_placed(DATA)})


def data_benchmarks():
    """The benchmark files of the jobs that read or make the data."""
    if IS_TUTORIAL:
        return ["<benchmarks>/import_frames/all.tsv"]
    if IS_SIMULATED:
        sets = expand("<benchmarks>/simulate_set/{set}.tsv", set=list(SIMULATED_SETS))
        return [
            *sets,
            "<benchmarks>/simulate_frames/all.tsv",
            "<benchmarks>/calibrate/all.tsv",
            "<benchmarks>/sensitivity_recordings/all.tsv",
            *networks("<benchmarks>/sensitivity/{variant}~seed-{seed}.tsv"),
        ]
    return [
        *expand("<benchmarks>/unpack_recordings/{part}.tsv", part=list(PARTS)),
        "<benchmarks>/split/all.tsv",
        "<benchmarks>/accumulate/all.tsv",
    ]


def networks(pattern, **more):
    """A path pattern for every trained network of the study."""
    return expand(pattern, variant=VARIANTS, seed=SEEDS, **more)
