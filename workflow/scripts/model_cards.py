"""Write a model card of each network."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.publication.cards import write_cards
from dvs_snn.results.provenance import study_version


def main(snakemake, progress):
    paths, params = snakemake.input, snakemake.params
    keys = [(variant, seed) for variant in params.variants for seed in params.seeds]
    cards = dict(zip(keys, map(Path, snakemake.output.cards), strict=True))
    tables = {name: Path(paths[name]) for name in ("evaluation", "training", "network")}
    write_cards(cards, Path(paths.config), study_version(Path(paths.citation)), tables)
    progress.say(f"{len(cards)} model cards written")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
