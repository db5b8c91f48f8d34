"""Measure the CNN on the test block of the tutorial's frames."""

from pathlib import Path

from dvs_snn.evaluation.cnn import frames_row
from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.networks.conversion import load_weights
from dvs_snn.training.measures import accuracy_on_test_frames


def main(snakemake, progress):
    paths, wildcards = snakemake.input, snakemake.wildcards
    _, model, _ = load_weights(Path(paths.weights))
    accuracy, n_frames = accuracy_on_test_frames(model, Path(paths.frames), Path(paths.index))
    row = frames_row(wildcards.variant, int(wildcards.seed), accuracy, n_frames)
    write_table(row, Path(snakemake.output.row), "frames_rows")
    progress.say(f"accuracy {accuracy:.4f} on {n_frames} frames")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
