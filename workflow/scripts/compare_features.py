"""Tell simulated recordings from real ones of the same symbols, by a CNN's features."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.networks.conversion import load_weights
from dvs_snn.probes.telling_apart.features import features_table
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.store.samples import set_recordings
from dvs_snn.settings.frames import FrameRule
from dvs_snn.simulation.symbols import read_symbols


def main(snakemake, progress):
    paths, params = snakemake.input, snakemake.params
    scenes = json.loads(params.scenes)
    (_, real), (_, ours) = (
        set_recordings(name, Path(path), scenes)
        for name, path in zip(params.sets, (paths.real, paths.ours), strict=True)
    )
    table = features_table(
        load_weights(Path(paths.weights))[1], real, ours, FrameRule(**json.loads(params.frames)),
        placement_of(next(iter(scenes.values()))), read_symbols(Path(paths.symbols)),
        json.loads(params.simulation), params.seed, progress,
    )  # fmt: skip
    write_table(table.assign(**params.network), Path(snakemake.output.table), "features")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
