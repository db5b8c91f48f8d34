"""Fetch an archive."""

import json
from pathlib import Path

from dvs_snn.catalogue import Source
from dvs_snn.fetching import FetchSettings, fetch
from dvs_snn.job import logged


def main(snakemake, progress):
    params = snakemake.params
    source = Source(**json.loads(params.source))
    settings = FetchSettings(**json.loads(params.settings))
    fetch(source, Path(params.downloads), settings, params.missing, params.offline, progress)
    progress.say(f"{snakemake.output.archive} is there")


if __name__ == "__main__":
    with logged(snakemake.log[0]) as progress:
        main(snakemake, progress)
