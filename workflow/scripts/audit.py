"""Count the SynOps of one recording in several ways, and join what other libraries counted."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.inference.audit import own_counts, recording
from dvs_snn.inference.counters import count_rows
from dvs_snn.results.audit import AUDIT_TABLE, audit_table, read_shipped, totals


def main(snakemake, progress):
    shipped = read_shipped(Path(snakemake.input.shipped))
    table = audit_table(count_rows(own_counts(recording)), shipped)
    write_table(table, Path(snakemake.output.table), AUDIT_TABLE)
    for row in totals(table).to_dict("records"):
        progress.say(f"{row['counter']}: {row['synops']:.0f} SynOps, {row['ratio']:.3f} of ours")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
