"""Fetch an archive."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.recordings.archives.catalogue import Source
from dvs_snn.recordings.archives.download import fetch
from dvs_snn.settings.data import Fetching

if __name__ == "__main__":
    # The archive gets no record of its hash: a user may put another one in its place.
    with logged(snakemake.log[0], snakemake.input) as progress:
        params = snakemake.params
        fetch(
            Source(**params.source), Path(params.downloads), Fetching(**params.fetching),
            params.missing, params.offline, progress,
        )  # fmt: skip
