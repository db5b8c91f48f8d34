"""Take a network's weights from the user's own file, in place of a training."""

from pathlib import Path

from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.networks.conversion import save_weights
from dvs_snn.networks.given_weights import read_given
from dvs_snn.training.curve import training_curve


def main(snakemake, progress):
    path, variant = Path(snakemake.input.given), snakemake.wildcards.variant
    model = read_given(path, snakemake.params.model, snakemake.params.n_classes)
    about = {"name": f"weights given for {variant}", "n_files": 1, "sha256": sha256_of(path)}
    save_weights(Path(snakemake.output.weights), snakemake.params.model, model, given=about)
    curve = training_curve(variant, int(snakemake.wildcards.seed), [])
    write_table(curve, Path(snakemake.output.curve), "training")
    progress.say(f"took the weights of {path}")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
