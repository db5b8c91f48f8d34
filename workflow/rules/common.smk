"""Settings, checked once, and the look-ups that rules share. No torch is imported here."""

import json
import os
import re
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

from dvs_snn.files.errors import StudyError, end_without_environment

try:
    from dvs_snn.plan import code, command_line
    from dvs_snn.plan.study_plan import COMPARED, GATHERED, PRICED, WEIGHTS, plan_of, rerun_command
    from dvs_snn.files.registry import module_of
    from dvs_snn.files.tables import column_types
    from dvs_snn.settings.network_settings import NETWORKS
    from dvs_snn.settings.data import Classes, placement_settings, where_placed
    from dvs_snn.settings.mistakes import check_yaml
    from dvs_snn.settings.guests import GUEST_SCALE, NIR
    from dvs_snn.settings.set_names import REAL_TWINS, SACCADES_TEST, TEST, TEST_SETS, VALIDATION
    from dvs_snn.settings.study_settings import as_dict
    from dvs_snn.settings.sweep import scale_name
    from dvs_snn.settings.training_settings import GradientSettings
    from dvs_snn.settings.variants import trained_by
    from dvs_snn.recordings.folders.folder import listing_digest
except ModuleNotFoundError as error:
    end_without_environment(error)


def shipped(path):
    """A file of the clone, as a path from the working folder.

    Snakemake runs a job again if the names of its inputs change. `sourcecache_entry` lets it record
    the second name, the path inside the clone. So moving the clone runs nothing again. Marked so, a
    file isn't looked for on object storage either; `local` would keep all its jobs off a cloud.
    """
    if IS_HERE and not IS_STORED:
        return path
    return sourcecache_entry(os.path.relpath(CLONE / path), path)


def checked(function, *arguments):
    """Call a function; if it raises StudyError, end with its one sentence and no stack trace."""
    try:
        return function(*arguments)
    except StudyError as error:
        sys.exit(f"Error: {error}")


checked(command_line.check_python, sys.executable)
checked(command_line.check_folder, Path.cwd(), CLONE)
checked(command_line.check_command_line, sys.argv)
for path in workflow.configfiles:
    checked(check_yaml, Path(os.path.relpath(path)))
PLAN = checked(plan_of, config, CLONE)
# Rules read settings here; `as_dict` makes a section plain values for a job's params.
SETTINGS = PLAN.settings
STUDY = SETTINGS.study
SEEDS = list(SETTINGS.seeds)
# The networks that become spiking, and those that are read as CNNs.
VARIANTS = PLAN.converted
CNN_VARIANTS = sorted({*PLAN.cnns, *PLAN.sparse_cnns})
# Networks from NIR files stand in paths as if the first training had made them.
GUESTS = sorted(PLAN.guests)


def any_of(names):
    """A wildcard's constraint: one of these names. Of no names it matches nothing."""
    return "|".join(map(re.escape, names)) or "(?!)"


# As constraints of {variant}: one of these, and none of them.
OF_GUESTS = any_of(GUESTS)
OF_OTHERS = f"(?!(?:{OF_GUESTS})/)[A-Za-z0-9][A-Za-z0-9._-]*"
SETS = PLAN.sets
RECORDINGS = PLAN.recordings
TABLES = PLAN.tables
ARCHIVES = PLAN.archives
UNPACKED = PLAN.unpacked
ENGINE = PLAN.engine
ENGINE_MODULE = PLAN.engine_module
CLASSES = Classes(list(SETTINGS.data.classes))


wildcard_constraints:
    variant=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    seed=r"\d+",
    scale=r"\d+\.\d\d",
    recording=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    set=any_of(SETS),
    batch=any_of(PLAN.batches),


NETWORK = module_of(NETWORKS, SETTINGS.model.name)


def code_of(script, *entries):
    """The code of a job; a job that builds networks hangs on the module of the study's own."""
    modules = checked(code.modules_of, script, *entries)
    builds = "dvs_snn.networks.architectures" in modules
    return code.code_of(script, *entries, *([NETWORK] if builds else []))


def of_set(field):
    """A look-up in the table of sets: a field of the set {set}."""
    return lambda wildcards: checked(getattr, SETS[wildcards.set], field)


def of_batch(pattern):
    """A path pattern for each set that the batch {batch} reads."""
    return lambda wildcards: expand(pattern, set=PLAN.batches[wildcards.batch].sets)


def of_recording(field):
    """A look-up in the table of recordings A, B, C: a field of {recording}."""
    return lambda wildcards: getattr(checked(RECORDINGS.__getitem__, wildcards.recording), field)


def of_variant(look_up):
    """A look-up in the plan: what one of its functions tells of the variant {variant}."""
    return lambda wildcards: checked(look_up, wildcards.variant)


def recording_file(wildcards):
    """Where the recording {recording} lies; the user's own file stays where it is."""
    path = of_recording("path")(wildcards)
    return path if path.startswith("<work>") else local(path)


def set_code(script):
    """The code of a script that reads the recordings of the set {set}."""
    return lambda wildcards: code_of(script, *of_set("formats")(wildcards))


def recording_code(script, *entries, of="formats"):
    """The code of a script that reads or writes the recording {recording}."""
    return lambda wildcards: code_of(script, *entries, *of_recording(of)(wildcards))


def digest_of(folder):
    """Short hash of a folder's file names and sizes; empty where there is no folder."""
    return checked(listing_digest, Path(folder), SETTINGS.data.classes) if folder else ""


def of_cnn(pattern):
    """A path pattern for the CNN that the tables show beside the network {variant}."""
    return of_variant(lambda variant: pattern.replace("{variant}", PLAN.cnn_of(variant)))


def of_guests(pattern, **more):
    """A path pattern for the networks from NIR files."""
    scale = scale_name(GUEST_SCALE)
    return expand(pattern, variant=GUESTS, seed=SEEDS[:1], scale=scale, **more)


def archive_file(name):
    """Where an archive lies, its date ignored: its receipt, another input, tells of a change."""
    return ancient(local(str(ARCHIVES.places[name])))


def networks(pattern, variants=VARIANTS, **more):
    """A path pattern for trained networks of the study, each variant's at its own scales."""
    paths = []
    for name in variants:
        keys = {"scale": [scale_name(scale) for scale in PLAN.scales_of(name)], **more}
        paths += expand(pattern, variant=name, seed=SEEDS, **keys)
    # Patterns without {variant} give the same path for each.
    return list(dict.fromkeys(paths))


def table(name):
    """A result table, which Snakemake's own report shows too unless it is large."""
    path = f"<results>/tables/{name}.csv"
    if name in ("layers", "predictions"):
        return path
    labels = {"table": name}
    return report(path, caption="../report/tables.rst", category="4 Tables", labels=labels)


def placed_sets(names):
    """What a job that opens these sets is told of each: its name, and the placements by scene."""
    return [{"name": name, "placements": SETS[name].scenes} for name in names]
