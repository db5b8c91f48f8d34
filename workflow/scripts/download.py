"""Fetch an archive."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.recordings.archives.checksums import Source
from dvs_snn.recordings.archives.download import fetch
from dvs_snn.settings.data import Fetching


def main(snakemake, progress):
    params, target = snakemake.params, Path(snakemake.output.archive)
    source = Source(**json.loads(params.source))
    downloads = target.parents[source.name.count("/")]
    settings = Fetching(**json.loads(params.settings))
    fetch(source, downloads, settings, params.missing, params.offline, progress)
    progress.say(f"{target} is there")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input) as progress:
        main(snakemake, progress)
