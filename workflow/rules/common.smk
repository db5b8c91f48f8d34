"""Settings, checked once, and the look-ups that rules share. No torch is imported here."""

import json
import os
import re
import shlex
import sys
from pathlib import Path

from snakemake.io import sourcecache_entry

# What ships is found from here, wherever Snakemake runs.
CLONE = Path(str(workflow.current_basedir)).resolve().parents[1]
SCRIPTS = CLONE / "workflow" / "scripts"
IS_HERE = CLONE == Path.cwd()
# Whether results lie on object storage (--default-storage-provider).
IS_STORED = workflow.storage_settings.default_storage_provider is not None
sys.path.insert(0, str(SCRIPTS))

from dvs_snn.plan.code import code_of
from dvs_snn.plan.recordings import study_recordings
from dvs_snn.plan.sets import study_sets
from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import column_types
from dvs_snn.engines.spiking import CONVERTED_SUFFIX, KINDS, engine_of
from dvs_snn.files.registry import module_of
from dvs_snn.settings.data import Classes, placement_settings, where_placed
from dvs_snn.settings.mistakes import check_command_line, check_python, refuse_doubled_keys
from dvs_snn.settings.recordings import read_recordings_table
from dvs_snn.settings.removed import refuse_earlier_results
from dvs_snn.settings.set_names import REAL_TWINS, SACCADES_TEST, TEST
from dvs_snn.settings.set_names import TEST_SETS, TRAINING, VALIDATION
from dvs_snn.settings.study import as_dict, read_study, variants_of
from dvs_snn.settings.sweep import nearest_to_one, scale_name
from dvs_snn.settings.training import HALF_START, RESCALED, check_weights, cnn_of
from dvs_snn.settings.training import trained_by
from dvs_snn.recordings.archives.catalogue import read_sources, study_archives
from dvs_snn.recordings.folders.folder import check_folders, listing_digest


def shipped(path):
    """A file of the clone, as a path from the working folder.

    Snakemake runs a job again if the names of its inputs change. `sourcecache_entry` lets it record
    the second name, the path inside the clone. So moving the clone runs nothing again. Marked so, a
    file isn't looked for on object storage either; `local` would keep all its jobs off a cloud.
    """
    if IS_HERE and not IS_STORED:
        return path
    return sourcecache_entry(os.path.relpath(CLONE / path), path)


# Snakemake lists the files of --configfile, made absolute, then the Snakefile's own config.yaml.
GIVEN, OURS = workflow.configfiles, CLONE / "config.yaml"
OWN_CONFIG = [os.path.relpath(path) for path in GIVEN if Path(path).resolve() != OURS]
# The command that runs the study again. Users paste it into a shell, so file names are quoted.
SNAKEFILE_FLAG = [] if IS_HERE else ["-s", os.path.relpath(CLONE / "Snakefile")]
CONFIG_FLAG = ["--configfile", *OWN_CONFIG] if OWN_CONFIG else []
RERUN = shlex.join(["snakemake", "--cores", "all", *SNAKEFILE_FLAG, *CONFIG_FLAG])


def checked(function, *arguments):
    """Call a function; if it raises StudyError, end with its one sentence and no stack trace."""
    try:
        return function(*arguments)
    except StudyError as error:
        sys.exit(f"Error: {error}")


class ByName(dict):
    """A look-up by a wildcard. A target may name an unknown entry: that ends in one sentence."""

    def __init__(self, key, entries):
        super().__init__(entries)
        self.key = key

    def __missing__(self, name):
        known = f"{', '.join(self)}, as config key {self.key} has"
        sys.exit(
            f"Error: a target names {name!r}, expected one of {known}; ask for one, or add it there."
        )


checked(check_python, sys.executable)
checked(check_command_line, sys.argv)
for path in workflow.configfiles:
    checked(refuse_doubled_keys, Path(os.path.relpath(path)))
SETTINGS = checked(read_study, config)
OWN = ByName("variants", checked(variants_of, SETTINGS))
METHODS = {name: one.method for name, one in OWN.items()}
# From here on `config` holds every setting that is in force, defaults included.
config.clear()
config.update(as_dict(SETTINGS))
checked(check_folders, SETTINGS.folders(), SETTINGS.data.classes)
checked(check_weights, OWN)
# The engine also says how much memory and time its jobs ask for.
ENGINE = checked(engine_of, SETTINGS.inference.engine, SETTINGS.inference.device)
ENGINE_MODULE = module_of(KINDS, SETTINGS.inference.engine)
# How a job runs a spiking network: all but the window, which shown recordings alone have.
RUNNING = {name: value for name, value in config["inference"].items() if name != "window_ms"}
DATA, SIMULATION = config["data"], config["simulation"]
CLASSES = Classes(DATA["classes"])
STUDY, SEEDS, VARIANTS = config["study"], config["seeds"], sorted(OWN)
if not IS_STORED:
    checked(refuse_earlier_results, Path("results", STUDY))
IS_TUTORIAL = DATA["source"] == "tutorial"
IS_SIMULATED = DATA["source"] == "simulated"
# Recordings come as files: from the user's folder, or unpacked from MNIST-DVS or N-MNIST.
IS_FILES = not IS_TUTORIAL and not IS_SIMULATED
SOURCES = checked(read_sources, CLONE / "workflow/data/sources.tsv", DATA["sources"])
ARCHIVES = checked(study_archives, DATA, SOURCES)
UNPACKED = [f"<results>/recordings/unpacked/{part}" for part in ARCHIVES.parts]
# The recordings table: the user's, from the working folder, or else one of the clone.
TABLE_PLACES = [config["recordings"], os.path.relpath(CLONE / config["recordings"])]
RECORDINGS_TABLE = next(filter(os.path.exists, TABLE_PLACES), TABLE_PLACES[0])
ROWS = checked(read_recordings_table, Path(RECORDINGS_TABLE), DATA["source"], DATA["classes"])
SETS = checked(study_sets, SETTINGS, tuple(UNPACKED))
RECORDINGS = ByName("recordings", checked(study_recordings, SETTINGS, ROWS, SETS))
SIMULATED_SETS = [name for name, one in SETS.items() if one.is_simulated]
# One job evaluates all STUDY_SETS together; each of LONE_SETS has jobs of its own.
STUDY_SETS = [name for name, one in SETS.items() if not one.alone]
LONE_SETS = [name for name, one in SETS.items() if one.alone]
# Those of evaluation.sets.
ADDED_SETS = [name for name, one in SETS.items() if one.kind == "added"]
# The facts of the training recordings. Nothing is known of those behind the tutorial's frames.
FACTS = ["<results>/frames/facts.csv"] if IS_SIMULATED else ["<results>/recordings/split.csv"]
FACTS = [] if IS_TUTORIAL else FACTS
# Variants that train a CNN. The tables show it beside the networks that set out from it.
CNNS = [name for name in VARIANTS if METHODS[name] == RESCALED]
# Variants whose weights come from a file of the user's, and those that the study trains.
GIVEN = [name for name in VARIANTS if OWN[name].weights]
TRAINED = [name for name in VARIANTS if name not in GIVEN]
THROUGH_TIME = any(one.through_time for one in OWN.values())
# Both inference engines are compared on this set. None: the study has no set.
VERIFIED_SET = TEST if TEST in SETS else next(iter(SETS), None)
GATHERED = "choice comparison evaluation exits layers predictions recordings training".split()
COMPARED = "budgets factors front".split()
COSTS = ["break_even", "chips", "costs"]
TABLES = [*GATHERED, *COMPARED, *COSTS, "network", "runtimes"]
TABLES += ["calibration", "paired", "realism"] if IS_SIMULATED else []
# It takes the real recordings themselves, and a CNN.
TABLES += ["features"] if REAL_TWINS in SETS and CNNS else []
TABLES += ["checks", "verification"] if VERIFIED_SET else []
# Sets whose recordings networks read with one thing changed at a time.
ABLATED_SETS = [name for name in TEST_SETS if name in SETS]
TABLES += ["probes"] if ABLATED_SETS else []
# They have a row for each recording or layer of each network. Snakemake's report would copy them.
LARGE_TABLES = ["layers", "predictions"]


wildcard_constraints:
    variant=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    seed=r"\d+",
    scale=r"\d+\.\d\d",
    recording=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    # In a study without sets this matches nothing.
    set="|".join(map(re.escape, SETS)) or "(?!)",


def of_set(field):
    """A look-up in the table of sets: a field of the set {set}."""
    return lambda wildcards: checked(getattr, SETS[wildcards.set], field)


def of_recording(field):
    """A look-up in the table of recordings A, B, C: a field of {recording}."""
    return lambda wildcards: getattr(RECORDINGS[wildcards.recording], field)


def recording_file(wildcards):
    """Where the recording {recording} lies; the user's own file stays where it is."""
    path = RECORDINGS[wildcards.recording].path
    return path if path.startswith("<results>") else local(path)


def set_code(script):
    """The code of a script that reads the recordings of the set {set}."""
    return lambda wildcards: code_of(script, *of_set("formats")(wildcards))


def recording_code(script, *entries, of="formats"):
    """The code of a script that reads or writes the recording {recording}."""
    return lambda wildcards: code_of(script, *entries, *of_recording(of)(wildcards))


def fixed(value):
    """A setting as text for `params`, with sorted keys: their order in a file doesn't matter."""
    return json.dumps(value, sort_keys=True)


def digest_of(folder):
    """Short hash of a folder's file names and sizes; empty where there is no folder."""
    return checked(listing_digest, Path(folder), DATA["classes"]) if folder else ""


def scales_of(variant):
    """The scales of a variant's networks, ascending."""
    return sorted(OWN[variant].scales)


def verified_scales(variant):
    """The scales at which both inference engines are compared: lowest, nearest to 1, highest."""
    scales = scales_of(variant)
    return sorted({scales[0], nearest_to_one(scales), scales[-1]})


def neurons_of(variant):
    """The spiking neurons of a variant's networks."""
    initial = {"initial_v_mem": 0.5} if METHODS[variant] in HALF_START else {}
    return {**config["conversion"], "min_v_mem": OWN[variant].min_v_mem, **initial}


def training_files(wildcards):
    """The files that a training reads, by name."""
    one = OWN[wildcards.variant]
    # Methods on recordings validate on frames too.
    files = {"frames": "<results>/frames/frames.npy", "index": "<results>/frames/index.csv"}
    if one.material == "recordings":
        part = TRAINING if one.through_time else VALIDATION
        files |= {"steps": f"<results>/steps/{part}.npy", "table": f"<results>/steps/{part}.csv"}
    if one.start:
        files["start"] = f"<results>/training/{one.start}/seed-{{seed}}/weights.safetensors"
    if one.teacher_weight:
        cnn = cnn_of(wildcards.variant, OWN)
        files["teacher"] = f"<results>/training/{cnn}/seed-{{seed}}/weights.safetensors"
    return files


def training_neurons(variant):
    """The neurons as a variant's training knows them: no method on frames has a lower bound."""
    if METHODS[variant] == RESCALED:
        return {}
    in_steps = OWN[variant].material == "recordings"
    return neurons_of(variant) | ({} if in_steps else {"min_v_mem": None})


def training_modules(wildcards):
    """The modules that a variant's training names as text: of its method, loss and material."""
    one = OWN[wildcards.variant]
    kinds = {
        "methods": one.method.replace("-", "_"),
        "losses": one.loss.replace("-", "_"),
        "materials": one.material,
    }
    return [f"dvs_snn.training.{kind}.{name}" for kind, name in kinds.items()]


def of_cnn(pattern):
    """A path pattern for the CNN that the tables show beside the network {variant}."""

    def of_variant(wildcards):
        return pattern.replace("{variant}", cnn_of(wildcards.variant, OWN))

    return of_variant


def scene_settings(*scenes, training=False):
    """What some scenes need of the simulation's settings, as text."""
    return fixed(as_dict(SETTINGS.simulation.of_scenes(*scenes, training=training)))


def archive_file(name):
    """Where an archive lies, its date ignored: its receipt, another input, tells of a change."""
    return ancient(local(str(ARCHIVES.places[name])))


def sets_of(wildcards):
    """The sets that one job evaluates: one added set, or all sets of the study."""
    return [wildcards.set] if "set" in wildcards.keys() else STUDY_SETS


def of_sets(field):
    """A look-up in the table of sets: a field of each set that one job evaluates."""
    return lambda wildcards: [checked(getattr, SETS[name], field) for name in sets_of(wildcards)]


def evaluation_files(start):
    """The files that an evaluation writes, by name; `start` is what their paths have in common."""
    endings = {"outcomes": "csv", "layers": "layers.csv", "exits": "exits.npz"}
    return {name: f"{start}.{ending}" for name, ending in endings.items()}


def networks(pattern, variants=VARIANTS, **more):
    """A path pattern for trained networks of the study, each variant's at its own scales."""
    paths = []
    for name in variants:
        keys = {"scale": [scale_name(scale) for scale in scales_of(name)], **more}
        paths += expand(pattern, variant=name, seed=SEEDS, **keys)
    # Patterns without {variant} give the same path for each.
    return list(dict.fromkeys(paths))


def table(name):
    """A result table, which Snakemake's own report shows too unless it is large."""
    path = f"<results>/tables/{name}.csv"
    if name in LARGE_TABLES:
        return path
    return report(
        path,
        caption="../report/tables.rst",
        category="4 Tables",
        labels={"table": name},
    )
