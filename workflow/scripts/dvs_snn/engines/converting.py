"""The jobs that turn a trained CNN, or a guest's NIR file, into what an engine runs."""

from dataclasses import replace
from math import prod
from pathlib import Path

from dvs_snn.engines.spiking import KINDS
from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.registry import load
from dvs_snn.networks.conversion import convert
from dvs_snn.networks.nir_file import read_nir
from dvs_snn.networks.spiking import save_spiking
from dvs_snn.settings.conversion import NeuronParameters


def convert_for(
    weights: Path,
    neurons: NeuronParameters,
    engine: str,
    network: Path,
    progress: Progress,
    own_form: Path | None = None,
) -> None:
    """Store a trained CNN as a spiking network, and in the engine's own form if it has one."""
    convert(weights, neurons, network)
    progress.say(f"converted with {neurons}")
    if own_form is not None:
        load(KINDS, engine).prepare(network, own_form)


def take_guest(
    given: Path,
    variant: str,
    min_v_mem: float | None,
    usual_min_v_mem: float | None,
    classes: list[str],
    engine: str,
    network: Path,
    progress: Progress,
    own_form: Path | None = None,
) -> None:
    """Store the network of a NIR file, and in the engine's own form if it has one.

    `min_v_mem` is the lower bound of its potentials; None: what the file says, or the usual one.
    StudyError if it can't run, or has no output for each of the `classes`.
    """
    guest = read_nir(given, usual_min_v_mem)
    n_outputs = prod(guest.layers[-1].output_shape)
    if n_outputs != len(classes):
        raise StudyError(
            f"{given}: its network has {n_outputs} outputs, expected {len(classes)}, one for each "
            f"of data.classes; leave variants.{variant} out, or take recordings of its classes."
        )
    if min_v_mem is not None:
        guest = replace(guest, lower_bounds=(min_v_mem,) * len(guest.layers))
    save_spiking(guest, network)
    progress.say(f"input {guest.layers[0].input_shape}, lower bounds {guest.lower_bounds}")
    if own_form is not None:
        load(KINDS, engine).prepare(network, own_form)
