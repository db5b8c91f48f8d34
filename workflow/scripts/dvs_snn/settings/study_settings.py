"""The settings of a whole study: layers of files, one over the other, then validated.

From the bottom: the defaults of the sections, ``workflow/settings/<data.source>.yaml``,
``config.yaml``, and the files of ``--configfile`` in their order.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import TypeAdapter

from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.files.registry import names
from dvs_snn.settings.base import Count, Folder, Name, Seed, SetOf, Text, key, section
from dvs_snn.settings.data import DIGITS, Data, EvaluationSet, Source
from dvs_snn.settings.frame_settings import FrameRule
from dvs_snn.settings.guests import NIR, Guest
from dvs_snn.settings.inference import InferenceSettings
from dvs_snn.settings.method_settings import Converted, Variant
from dvs_snn.settings.mistakes import (
    LOADER,
    check_yaml,
    did_you_mean,
    one_line,
    refuse_alike,
    shown,
    validated,
)
from dvs_snn.settings.network_settings import NETWORKS, Network, NeuronParameters
from dvs_snn.settings.set_names import RESERVED
from dvs_snn.settings.simulation_settings import Simulation
from dvs_snn.settings.sweep import Choice, Power, Sweep
from dvs_snn.settings.training_settings import RESCALED, TrainingSettings
from dvs_snn.settings.variants import (
    BESIDE_WEIGHTS,
    METHODS,
    check_keys,
    check_starts,
    keys_of,
    section_of,
)

WORKFLOW = Path(__file__).resolve().parents[3]
"""The folder `workflow` of the clone, whose files the settings rest on."""


@section
class Verification:
    """Both inference engines on the same recordings."""

    recordings: Count = key("test recordings that run through both engines", 5)


@section
class Ablation:
    """The quoted networks with one thing changed at a time."""

    recordings: Count = key("recordings of each test set that run under every change", 100)


@section
class Evaluation:
    """More sets to test on."""

    sets: tuple[EvaluationSet, ...] = key("sets of recordings", ())


@section
class Study:
    """The settings of the study."""

    study: Name = key("name of the study, which writes results/<study>/")
    seed: Seed = key("the one seed behind everything random", 1)
    seeds: SetOf[Seed] = key("numbers of the trainings of each variant", (1,))
    variants: dict[Name, dict[str, Any] | None] = key(
        "changes to training, and more (see A variant); null: none", {"plain": {}}, min_length=1
    )
    recordings: Folder = key("table of recordings A, B, C", "workflow/data/recordings.tsv")
    data: Data = key("where recordings come from and how they lie on the network", Data())
    simulation: Simulation = key("the simulated sensor and what it sees")
    frames: FrameRule = key("how events are accumulated into frames", FrameRule())
    model: Network = key("the network", Network())
    training: TrainingSettings = key(
        "how networks are trained; a method takes the keys that it knows", TrainingSettings()
    )
    conversion: NeuronParameters = key("the spiking neurons", NeuronParameters())
    inference: InferenceSettings = key("how recordings are fed to it", InferenceSettings())
    verification: Verification = key("both inference engines compared", Verification())
    ablation: Ablation = key("how a network runs, changed one thing at a time", Ablation())
    choice: Choice = key("how validation chooses the scale that is quoted", Choice())
    sweep: Sweep = key("the sweep over the first layer's scale", Sweep())
    evaluation: Evaluation = key("more sets to test on", Evaluation())
    power: Power = key("from synaptic operations to power", Power())


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Lay settings over others, as Snakemake does: sections key by key, all else replaced."""
    result = {**base, **changes}
    for name in base.keys() & changes.keys():
        if isinstance(base[name], Mapping) and isinstance(changes[name], Mapping):
            result[name] = merged(base[name], changes[name])
    return result


def layered(config: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the settings of config files over those tuned for the study's source of data."""
    folder = WORKFLOW / "settings"
    data = config.get("data")
    source = data.get("source", "simulated") if isinstance(data, Mapping) else "simulated"
    # Every study has the section `simulation`, so what a file sets there is checked in any case.
    base = {"simulation": _read(folder / "simulated.yaml")["simulation"]}
    if source in get_args(Source):
        base = merged(base, _read(folder / f"{source}.yaml"))
    return merged(base, config)


def _read(path: Path) -> dict[str, Any]:
    return yaml.load(path.read_text(encoding="utf-8"), LOADER) or {}


def read_study(config: Mapping[str, Any]) -> Study:
    """Return the settings of a study from its config files, merged; StudyError on a mistake."""
    study = validated(Study, layered(config), "config key")
    variants = variants_of(study)
    _check_module("config key model.name", study.model.name, NETWORKS)
    for name, variant in variants.items():
        if variant.through_time and study.data.source == "tutorial":
            raise StudyError(
                f"config key variants.{name}.method is {variant.method!r}, which trains on "
                "recordings, but data.source is 'tutorial', which has only frames; change one."
            )
    check_starts(variants)
    if study.data.classes != DIGITS and study.simulation.real_twins:
        raise StudyError(
            f"config key simulation.real_twins is {study.simulation.real_twins!r}, which needs the "
            "ten digits, but data.classes names others; leave one of the two out."
        )
    simulated = study.simulation.sets
    added = [entry.name for entry in study.evaluation.sets]
    folders: dict[str, str] = {}
    for entry in study.evaluation.sets:
        folder = os.path.realpath(entry.folder)
        if folder in folders:
            raise StudyError(
                f"config key evaluation.sets names the folder {entry.folder!r} for {entry.name!r} "
                f"and for {folders[folder]!r}; leave one of them out."
            )
        folders[folder] = entry.name
    refuse_alike("config key variants", study.variants)
    refuse_alike("config key simulation.sets", simulated, RESERVED)
    refuse_alike("config key evaluation.sets", added, [*RESERVED, *simulated])
    return study


def _check_module(where: str, name: str, package: str) -> None:
    known = [entry.replace("_", "-") for entry in names(package)]
    if name not in known:
        folder = f"workflow/scripts/{package.replace('.', '/')}/"
        raise StudyError(
            one_line(
                f"{where} is {shown.repr(name)}, for which {folder} has no module: add one of your "
                f"own, or correct the name; {did_you_mean(name, known)}"
            )
        )


def variants_of(study: Study) -> dict[str, Variant]:
    """Return the variants that the study trains: neither null nor guests; StudyError without."""
    used = {
        name: changes
        for name, changes in study.variants.items()
        if changes is not None and NIR not in changes
    }
    if not used:
        raise StudyError(
            "config key variants has only null or nir for each name; add one that trains, as "
            "plain: {}."
        )
    return {name: _variant(study, name, changes) for name, changes in used.items()}


def guests_of(study: Study) -> dict[str, Guest]:
    """Return the variants that come from NIR files."""
    return {
        name: validated(Guest, changes, f"config key variants.{name}.")
        for name, changes in study.variants.items()
        if changes is not None and NIR in changes
    }


def _variant(study: Study, name: str, changes: Mapping[str, Any]) -> Variant:
    """Return a variant: the section of its method, from `training` and from its own changes."""
    where = f"config key variants.{name}"
    if "device" in changes:
        raise StudyError(f"{where}.device is not a known key of a variant; set training.device.")
    method = validated(Text, changes.get("method", RESCALED), f"{where}.method")
    _check_module(f"{where}.method", method, METHODS)
    check_keys(where, method, changes)
    if changes.get("weights") is not None:
        trains = changes.keys() - BESIDE_WEIGHTS - {"method"}
        if trains:
            raise StudyError(
                f"{where} has weights and also {', '.join(sorted(trains))}, expected scales and "
                "min_v_mem alone beside weights; leave the others out, or make them a variant."
            )
    kind = section_of(method)
    shared = as_dict(study.training)
    shared |= {"method": method, "min_v_mem": study.conversion.min_v_mem}
    known = {key: shared[key] for key in keys_of(kind) if key in shared}
    variant = validated(kind, merged(known, changes), f"{where}.")
    if isinstance(variant, Converted) and variant.scales is None:
        return replace(variant, scales=study.sweep.scales)
    return variant


def read_configs(paths: Iterable[Path]) -> Study:
    """Return the settings of config files, each laid over those before; StudyError on a mistake."""
    layers: dict[str, Any] = {}
    for path in paths:
        check_yaml(path)
        try:
            changes = _read(path)
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise StudyError(f"{path}: can't be read ({reason_of(error)}).") from error
        if not isinstance(changes, Mapping):
            raise StudyError(f"{path}: holds no settings, expected keys and values as YAML.")
        layers = merged(layers, changes)
    return read_study(layers)


def as_dict(settings: object) -> dict[str, Any]:
    """Return a section as a config file would say it, defaults and all."""
    return TypeAdapter(type(settings)).dump_python(settings, mode="json", by_alias=True)
