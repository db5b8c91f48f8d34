"""Make what the page's player of a recording shows: a film of its events, and facts by frame."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.report.player import write_player


def main(snakemake, progress):
    given, output = snakemake.input, snakemake.output
    paths = {name: Path(given[name]) for name in ("recording", "recordings", "choice")}
    paths["sweeps"] = list(map(Path, given.sweeps))
    settings = json.loads(snakemake.params.settings)
    write_player(paths, settings, Path(output.film), Path(output.facts))
    progress.say("film and facts written")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
