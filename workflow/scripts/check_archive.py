"""Check an archive against its known or recorded hash, and write its receipt."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.recordings.archives.checksums import Source, write_receipt


def main(snakemake, progress):
    source = Source(**json.loads(snakemake.params.source))
    paths = snakemake.input.archive, snakemake.params.downloads, snakemake.output.receipt
    write_receipt(source, *map(Path, paths))
    progress.say(f"{paths[0]} is as expected")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
