"""Gather the seconds and memory of all heavy jobs."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.tables.runtimes import gather_runtimes


def main(snakemake, progress):
    paths = snakemake.input
    benchmarks = [Path(path) for path in paths.benchmarks]
    gather_runtimes(
        benchmarks, Path(paths.index), Path(paths.training), snakemake.params.on_frames,
        Path(snakemake.output[0]),
    )  # fmt: skip
    progress.say(f"{len(benchmarks)} jobs")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
