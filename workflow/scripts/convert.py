"""Turn the trained CNN into a spiking network and store it without pickle."""

import json
from pathlib import Path

from dvs_snn.conversion import NeuronParameters, convert
from dvs_snn.job import logged


def main(snakemake, progress):
    neurons = NeuronParameters(**json.loads(snakemake.params.neurons))
    convert(Path(snakemake.input.weights), neurons, Path(snakemake.output.network))
    progress.say(f"converted with {neurons}")


if __name__ == "__main__":
    with logged(snakemake.log[0]) as progress:
        main(snakemake, progress)
