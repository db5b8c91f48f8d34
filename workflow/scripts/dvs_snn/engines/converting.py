"""The job that turns a trained CNN into what an engine runs."""

from pathlib import Path

from dvs_snn.engines.spiking import KINDS
from dvs_snn.files.job import Progress
from dvs_snn.files.registry import load
from dvs_snn.networks.conversion import convert
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
