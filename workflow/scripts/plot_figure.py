"""Draw one figure or chart, or all figures of a recording."""

import importlib
import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.report.style import save


def main(snakemake, progress):
    params = snakemake.params
    paths = {
        name: Path(given) if isinstance(given, str) else list(map(Path, given))
        for name, given in snakemake.input.items()
        if name != "code"
    }
    for module, output in zip(params.modules, snakemake.output, strict=True):
        figure = importlib.import_module(module).draw(paths, json.loads(params.settings))
        save(figure, Path(output))
    progress.say("drawn")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
