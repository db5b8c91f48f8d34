"""Train a network by its variant's method; store the weights of the kept epoch and the curve."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.networks.conversion import save_weights
from dvs_snn.recordings.placement import placements_of
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.training import Variant
from dvs_snn.training.curve import training_curve
from dvs_snn.training.material import StoredMaterial
from dvs_snn.training.of_store import train_on_store


def main(snakemake, progress):
    params, paths, wildcards = snakemake.params, snakemake.input, snakemake.wildcards
    resume = Path(snakemake.output.weights).with_name("resume.pt")
    steps = {"step_ms": params.step_ms, "placements": placements_of(params.placements or {})}
    trained = train_on_store(
        params.model, StoredMaterial.of(paths, **steps), Variant(**json.loads(params.variant)),
        NeuronParameters(**json.loads(params.neurons)), params.seed, int(wildcards.seed), progress,
        resume, params.code, params.n_classes,
    )  # fmt: skip
    about = {key: getattr(trained, key) for key in ("device", "precision", "flags", "kept_epoch")}
    save_weights(Path(snakemake.output.weights), params.model, trained.model, **about)
    curve = training_curve(wildcards.variant, int(wildcards.seed), trained.curve)
    write_table(curve, Path(snakemake.output.curve), "training")
    resume.unlink(missing_ok=True)


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
