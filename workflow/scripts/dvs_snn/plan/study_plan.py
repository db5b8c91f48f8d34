"""The plan of a study: all that follows from its settings before anything runs.

The rules look up here which variants, sets, recordings and tables a study has, and what the jobs of
each need. Paths are as rules write them: `<work>` is the folder of intermediate files.
"""

import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dvs_snn.engines.engine import KINDS, Engine, engine_of
from dvs_snn.files.errors import StudyError
from dvs_snn.files.registry import module_of
from dvs_snn.plan.batches import Batch, Readers, study_batches
from dvs_snn.plan.named_files import check_weights, named_folders
from dvs_snn.plan.planned_sets import RecordingSet, ShownRecording, study_recordings, study_sets
from dvs_snn.recordings.archives.catalogue import Archives, Source, read_sources, study_archives
from dvs_snn.recordings.folders.folder import check_folders, list_folder
from dvs_snn.settings.frame_settings import RIVALS, FrameRule
from dvs_snn.settings.guests import Guest, check_guests
from dvs_snn.settings.method_settings import Converted, Variant, is_taught
from dvs_snn.settings.network_settings import NeuronParameters
from dvs_snn.settings.recordings_table import read_recordings_table
from dvs_snn.settings.set_names import TEST, TEST_SETS, TRAINING, VALIDATION
from dvs_snn.settings.study_settings import Study, guests_of, read_study, variants_of
from dvs_snn.settings.sweep import nearest_to_one
from dvs_snn.settings.training_settings import RESCALED
from dvs_snn.settings.variants import METHODS

GATHERED = "choice evaluation layers predictions recordings training".split()
COMPARED = "budgets comparison equal_accuracy points".split()
PRICED = "chips energy".split()
"""Tables of all studies, by the rule that writes them."""

WEIGHTS = "<work>/training/{variant}/seed-{seed}/weights.safetensors"
TRAINING_FRAMES = "<work>/frames/frames.npy"
FRAMES_INDEX = "<work>/frames/index.csv"


class ByName(dict):
    """A look-up by name: a target may ask for an unknown one, which raises StudyError."""

    def __init__(self, key: str, entries: Mapping[str, Any]):
        super().__init__(entries)
        self.key = key

    def __missing__(self, name: str) -> None:
        raise StudyError(
            f"a target names {name!r}, expected one of {', '.join(self)}, as config key {self.key} "
            "has; ask for one, or add it there."
        )


@dataclass(frozen=True)
class Plan:
    """What a study runs.

    Attributes:
        variants, guests: networks that it trains, and those that come from NIR files.
        sources: of all archives that are known.
        engine: what the jobs need that run spiking networks.
        unpacked: the folders into which it unpacks archives.
        sets: of recordings, which it evaluates; its own come first.
        batches: of these sets, which evaluation jobs read.
        recordings: A, B, C, which it shows.
    """

    settings: Study
    variants: Mapping[str, Variant]
    guests: Mapping[str, Guest]
    sources: Mapping[str, Source]
    archives: Archives
    engine: Engine
    unpacked: Sequence[str]
    sets: Mapping[str, RecordingSet]
    batches: Mapping[str, Batch]
    recordings: Mapping[str, ShownRecording]

    @property
    def is_simulated(self) -> bool:
        return self.settings.data.source == "simulated"

    @property
    def is_tutorial(self) -> bool:
        """Whether it trains on the tutorial's frames."""
        return self.settings.data.source == "tutorial"

    @property
    def is_files(self) -> bool:
        """Whether recordings come as files: from a user's folder, or unpacked from archives."""
        return not (self.is_simulated or self.is_tutorial)

    @property
    def engine_module(self) -> str:
        return module_of(KINDS, self.settings.inference.engine)

    @property
    def cnn_frames(self) -> list[FrameRule]:
        """The frames among which validation picks those of the CNN, the study's first."""
        frames = self.settings.frames
        others = RIVALS if VALIDATION in self.sets else ()
        return [frames, *(rule for rule in others if rule.name != frames.name)]

    # --- sets ---

    @property
    def added_sets(self) -> list[str]:
        return [name for name, entry in self.sets.items() if entry.kind == "added"]

    @property
    def simulated_sets(self) -> list[str]:
        return [name for name, entry in self.sets.items() if entry.is_simulated]

    @property
    def test_sets(self) -> list[str]:
        """The test sets, whose recordings networks also read with one thing changed at a time."""
        return [name for name in TEST_SETS if name in self.sets]

    @property
    def verified_set(self) -> str | None:
        """The set on which both engines are compared; None: the study has no set."""
        return TEST if TEST in self.sets else next(iter(self.sets), None)

    @property
    def checked_sets(self) -> list[str]:
        """The sets of real recordings that guests read as a chip would; none without a guest."""
        real = [name for name, entry in self.sets.items() if not entry.is_simulated]
        return real if self.guests else []

    @property
    def tables(self) -> list[str]:
        names = [*GATHERED, *COMPARED, *PRICED, "network", "runtimes"]
        names += ["calibration", "paired", "realism"] if self.is_simulated else []
        names += ["verification"] if self.sets else []
        names += ["chip_check"] if self.checked_sets else []
        return [*names, "probes"] if self.test_sets else names

    # --- batches ---

    def batches_of(self, *readers: Readers, of_quoted: bool = False) -> list[str]:
        """Return the names of batches by their readers.

        These are the batches that all such networks read; with `of_quoted` those that the networks
        read that validation chose.
        """
        return [
            name
            for name, batch in self.batches.items()
            if batch.readers in readers and batch.of_quoted == of_quoted
        ]

    def choosing_batches(self, readers: Readers) -> list[str]:
        """Return the batch by which validation chooses among networks; none without validation."""
        return [name for name in self.batches_of(readers) if VALIDATION in self.batches[name].sets]

    # --- variants ---

    @property
    def methods(self) -> dict[str, str]:
        return {name: variant.method for name, variant in self.variants.items()}

    @property
    def cnns(self) -> list[str]:
        """The variants that train a CNN, which tables show beside networks that start from it."""
        return sorted(name for name in self.variants if self.methods[name] == RESCALED)

    @property
    def sparse_cnns(self) -> list[str]:
        """The variants whose weights are also read as a CNN with whole activations."""
        return sorted(name for name, variant in self.variants.items() if variant.cnn_scales)

    @property
    def converted(self) -> list[str]:
        """The variants that become spiking networks."""
        return sorted(name for name, each in self.variants.items() if isinstance(each, Converted))

    def cnn_scales_of(self, variant: str) -> list[float]:
        """Return the scales at which a variant's weights are read as a CNN, ascending."""
        return sorted(self.variants[variant].cnn_scales or [1.0])

    def cnn_threshold_of(self, variant: str) -> float | None:
        """Return the step of a variant's activations as a CNN; None where they aren't whole."""
        is_sparse = self.variants[variant].cnn_scales is not None
        return self.neurons_of(variant).spike_threshold if is_sparse else None

    @property
    def given(self) -> list[str]:
        """The variants whose weights come from a file of the user's."""
        return sorted(name for name, variant in self.variants.items() if variant.weights)

    def guest_placement(self, variant: str) -> dict[str, Any]:
        """Return what a guest changes in the placement of recordings; nothing of other variants."""
        return self.guests[variant].placement if variant in self.guests else {}

    def scales_of(self, variant: str) -> list[float]:
        """Return the scales of a variant's networks, ascending."""
        trained = self.variants[variant]
        return sorted(trained.scales or ()) if isinstance(trained, Converted) else []

    def verified_scales(self, variant: str) -> list[float]:
        """Return the scales at which both engines are compared: lowest, nearest to 1, highest."""
        scales = self.scales_of(variant)
        return sorted({scales[0], nearest_to_one(scales), scales[-1]})

    def neurons_of(self, variant: str) -> NeuronParameters:
        """Return the spiking neurons of a variant's networks."""
        trained = self.variants[variant]
        neurons = self.settings.conversion
        if not isinstance(trained, Converted):
            return neurons
        start = trained.initial_v_mem
        if start is None:
            start = neurons.initial_v_mem
        return replace(neurons, min_v_mem=trained.min_v_mem, initial_v_mem=start)

    def training_neurons(self, variant: str) -> NeuronParameters:
        """Return the neurons as a variant's training knows them: in a single step no bound."""
        if self.variants[variant].method == RESCALED:
            return NeuronParameters()
        neurons = self.neurons_of(variant)
        is_bounded = self.variants[variant].is_bounded
        return neurons if is_bounded else replace(neurons, min_v_mem=None)

    def training_module(self, variant: str) -> str:
        """Return the module of a training's method."""
        return module_of(METHODS, self.variants[variant].method)

    def training_files(self, variant: str) -> dict[str, str]:
        """Return the files that a training reads, by name; `{seed}` is left open."""
        trained = self.variants[variant]
        # Methods on recordings validate on frames too.
        files = {"frames": TRAINING_FRAMES, "index": FRAMES_INDEX}
        if trained.through_time:
            store = f"<work>/events/{TRAINING}"
            files |= {"events": f"{store}.npy", "table": f"{store}.csv"}
        if trained.start:
            files["start"] = WEIGHTS.replace("{variant}", trained.start)
        if is_taught(trained):
            files["teacher"] = WEIGHTS.replace("{variant}", self.cnn_of(variant))
        return files

    def training_step_ms(self, variant: str) -> float | None:
        """Return the time step of a training on recordings; None on frames."""
        return self.settings.inference.step_ms if self.variants[variant].through_time else None

    def training_placements(self, variant: str) -> dict[str, dict[str, Any]] | None:
        """Return how the recordings of a training lie, by scene; None on frames."""
        return self.sets[VALIDATION].scenes if self.variants[variant].through_time else None

    def cnn_of(self, variant: str) -> str:
        """Return the variant whose CNN stands in tables beside a variant, and may teach it.

        Other methods than `rescaled` train no CNN: theirs is that from which their starts set out.
        """
        start = self.variants[variant].start
        if self.variants[variant].method == RESCALED or start is None:
            return variant
        return self.cnn_of(start)


def plan_of(config: Mapping[str, Any], clone: Path) -> Plan:
    """Check the settings of a study, and return its plan.

    Args:
        config: the settings of its files, as Snakemake laid them over each other.
        clone: the folder of the workflow.

    Raises:
        StudyError: a mistake in the settings, or in the files and folders that they name.
    """
    settings = read_study(config)
    data = settings.data

    variants = ByName("variants", variants_of(settings))
    check_folders(named_folders(settings), data.classes)
    check_weights(variants, Path("results", settings.study))

    engine = engine_of(settings.inference.engine)
    sources = read_sources(clone / "workflow/data/sources.tsv", data.sources)
    with_twins = data.source == "simulated" and settings.simulation.unpacks_twins
    archives = study_archives(data, sources, with_twins)
    unpacked = [f"<work>/recordings/unpacked/{part}" for part in archives.parts]

    # The recordings table: the user's, from the working folder, or else one of the clone.
    places = [settings.recordings, os.path.relpath(clone / settings.recordings)]
    table = next(filter(os.path.exists, places), places[0])
    rows = read_recordings_table(Path(table), data.source, data.classes)
    sets = study_sets(settings, tuple(unpacked))
    recordings = ByName("recordings", study_recordings(settings, rows, sets))
    guests = guests_of(settings)
    if guests:
        check_guests(guests, {name: _symbols_of(each, settings) for name, each in sets.items()})

    return Plan(
        settings=settings,
        variants=variants,
        guests=guests,
        sources=sources,
        archives=archives,
        engine=engine,
        # The training and recordings A, B, C of a simulated study need no archive.
        unpacked=[] if with_twins else unpacked,
        sets=sets,
        batches=study_batches(sets, has_guests=bool(guests)),
        recordings=recordings,
    )


def _symbols_of(entry: RecordingSet, settings: Study) -> set[str] | None:
    """Return the symbols that recordings of a set may show; None where only a job can list them."""
    if entry.kind == "twins" or entry.part == "test":
        n_test = settings.simulation.symbols.test
        return {
            f"{digit}/{number:04d}"
            for digit, most in enumerate(n_test)
            for number in range(1, most + 1)
        }
    if entry.stored_as is not None:
        return None
    files = []
    for folder, prefix in zip(entry.folders, ("", "test/"), strict=False):
        files += list_folder(Path(folder), entry.classes, prefix)
    return {file.symbol for file in files}


def rerun_command(clone: Path, configs: Iterable[str]) -> str:
    """Return the command that runs the study again, as users paste it into a shell.

    Args:
        configs: the config files that Snakemake read, the workflow's own among them.
    """
    snakefile = [] if clone == Path.cwd() else ["-s", os.path.relpath(clone / "Snakefile")]
    given = [path for path in configs if Path(path).resolve() != clone / "config.yaml"]
    files = ["--configfile", *map(os.path.relpath, given)] if given else []
    return shlex.join(["snakemake", "--cores", "all", *snakefile, *files])
