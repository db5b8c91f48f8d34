"""A finished study as others find, check and cite it: `snakemake --cores 1 crate`."""

from dvs_snn.files.hashes import sha256_of_all
from dvs_snn.publication.provenance_record import workflow_files


rule crate:
    """Turn the study's folder into an RO-Crate: its metadata, and the workflow that made it."""
    input:
        files=[
            *rules.all.input,
            *rules.report.output,
            *rules.provenance.output,
            "<work>/choice.csv" if SETS else [],
            "<work>/recordings/split.csv" if not PLAN.is_tutorial else [],
            "<work>/frames/index.csv",
            *[SETS[name].table for name in SETS],
            *networks("<work>/training/{variant}/seed-{seed}/weights.safetensors"),
            *networks(CONVERTED),
            *FIGURES,
            *PICTURES,
            *PANEL_FILES,
        ],
    output:
        metadata="<results>/ro-crate-metadata.json",
        sources=directory("<results>/code"),
    log:
        "<logs>/crate/all.log",
    params:
        # An edit of any of the workflow's files makes the crate anew.
        trigger_workflow=lambda wildcards: sha256_of_all(workflow_files(CLONE)),
    script:
        "../scripts/crate.py"
