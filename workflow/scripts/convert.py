"""Turn the trained CNN into a spiking network and store it without pickle."""

import json
from pathlib import Path

from dvs_snn.engines.spiking import KINDS
from dvs_snn.files.job import logged
from dvs_snn.files.registry import load
from dvs_snn.networks.conversion import convert
from dvs_snn.settings.conversion import NeuronParameters


def main(snakemake, progress):
    network = Path(snakemake.output.network)
    neurons = NeuronParameters(**json.loads(snakemake.params.neurons))
    convert(Path(snakemake.input.weights), neurons, network)
    progress.say(f"converted with {neurons}")
    if "own_form" in snakemake.output.keys():
        load(KINDS, snakemake.params.engine).prepare(network, Path(snakemake.output.own_form))


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
