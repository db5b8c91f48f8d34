"""Describe the network's layers: shapes, weights, fan-outs, MACs."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.networks.architectures import build_network, describe_layers
from dvs_snn.networks.description import network_table


def main(snakemake, progress):
    name = snakemake.params.model
    table = network_table(describe_layers(name, build_network(name, snakemake.params.n_classes)))
    write_table(table, Path(snakemake.output.table), "network")
    progress.say(f"{name}: {table['weights'].sum()} weights")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
