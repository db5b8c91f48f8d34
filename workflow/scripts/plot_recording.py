"""Draw a recording: ON and OFF frames, x-y-t cloud, event rate."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.report.drawing import draw_recording


def main(snakemake, progress):
    paths, params = snakemake.input, snakemake.params
    draw_recording(
        json.loads(params.row),
        Path(paths.recording),
        params.from_file,
        params.sensor_size,
        {name: Path(path) for name, path in snakemake.output.items()},
    )
    progress.say("drawn")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
