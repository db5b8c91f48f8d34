"""Write the self-contained report page."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.report.writing import write_report


def main(snakemake, progress):
    paths, params = snakemake.input, snakemake.params
    tables = {name: Path(paths[name]) for name in params.tables}
    figures = {name: Path(paths[f"plot_{name}"]) for name in params.figures}
    panels = {
        recording: {name: Path(paths[name][i]) for name in params.panels}
        for i, recording in enumerate(params.recordings)
    }
    names = ("provenance", "config", "index", "template", "benchmark", "speed")
    extra = {name: Path(paths[name]) for name in names}
    split = [Path(p) for p in paths.get("split", [])]
    write_report(tables, figures, panels, extra, split, Path(snakemake.output.page))
    progress.say("page written")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
