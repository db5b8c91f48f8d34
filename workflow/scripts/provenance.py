"""Record code, versions, machine and data behind the results."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.tables.provenance import write_provenance


def main(snakemake, progress):
    paths, params = snakemake.input, snakemake.params
    record = write_provenance(
        Path(__file__).resolve().parents[2],
        [Path(path) for path in paths.weights],
        {kind: [Path(path) for path in paths.get(kind, [])]
         for kind in ("split", "twins", "sets", "receipts")},
        list(params.seeds),
        params.rerun,
        params.config,
        Path(paths.citation),
        {name: Path(path) for name, path in snakemake.output.items()},
    )  # fmt: skip
    progress.say(f"commit {record['commit']}")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
