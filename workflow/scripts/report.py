"""Write the self-contained report page."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.report.page import write_report


def main(snakemake, progress):
    paths = snakemake.input
    tables, figures = (
        {Path(p).stem: Path(p) for p in paths[name]} for name in ("tables", "figures")
    )
    panels = {}
    for path in map(Path, paths.panels):
        panels.setdefault(path.parent.name, {})[path.stem] = path
    extra = {name: Path(paths[name]) for name in ("provenance", "config", "index")}
    extra["template"] = Path(paths.template[0])
    if paths.split:
        extra["split"] = Path(paths.split)
    written = snakemake.output
    write_report(
        tables, figures, panels, extra, snakemake.params.own_files, Path(written.page),
        Path(written.headline), list(map(Path, written.marks)),
    )  # fmt: skip
    progress.say("page written")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
