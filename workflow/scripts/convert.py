"""Turn the trained CNN into a spiking network and store it without pickle."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.inference.event_layout import store_layout
from dvs_snn.networks.conversion import NeuronParameters, convert


def main(snakemake, progress):
    network = Path(snakemake.output.network)
    neurons = NeuronParameters(**json.loads(snakemake.params.neurons))
    convert(Path(snakemake.input.weights), neurons, network)
    progress.say(f"converted with {neurons}")
    if "events" in snakemake.output.keys():
        store_layout(network, Path(snakemake.output.events))


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
