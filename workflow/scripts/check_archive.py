"""Hold an archive against its known or recorded hash, and note what it is."""

import json
from pathlib import Path

from dvs_snn.catalogue import Source
from dvs_snn.checksums import write_receipt
from dvs_snn.job import logged


def main(snakemake, progress):
    source = Source(**json.loads(snakemake.params.source))
    paths = snakemake.input.archive, snakemake.params.downloads, snakemake.output.receipt
    write_receipt(source, *map(Path, paths))
    progress.say(f"{paths[0]} is as expected")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
