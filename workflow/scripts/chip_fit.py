"""Lay the layers of the quoted networks on Speck's cores."""

from pathlib import Path

from dvs_snn.evaluation.ablation.outcomes import WHOLE_LAYERS
from dvs_snn.files.job import logged
from dvs_snn.files.tables import join_tables, write_table
from dvs_snn.networks.architectures import build_network, describe_layers
from dvs_snn.networks.chip import chip_layers, read_cores
from dvs_snn.results.running.chip_fit import CHIP_FIT_TABLE, chip_fit_table


def main(snakemake, progress):
    name = snakemake.params.model
    layers = describe_layers(name, build_network(name, snakemake.params.n_classes))
    chip = chip_layers(layers, read_cores(Path(snakemake.input.cores)))
    measured = join_tables(map(Path, snakemake.input.layers), WHOLE_LAYERS)
    table = chip_fit_table(measured, chip)
    write_table(table, Path(snakemake.output.table), CHIP_FIT_TABLE)
    progress.say(f"{chip['core'].notna().sum()} of {len(chip)} layers have a core")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
