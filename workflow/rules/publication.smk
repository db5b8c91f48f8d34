"""A finished study as others find, check and cite it: `snakemake --cores 1 crate`.

Inputs: every result of the study, CITATION.cff, the workflow's own files.
Outputs: ro-crate-metadata.json, code/.
"""

import hashlib

from dvs_snn.files.hashes import sha256_of


def workflow_digest(wildcards):
    """One SHA-256 over the names and contents of the workflow's files, which a crate copies."""
    # Here, since it imports the library that makes crates, which other runs don't need.
    from dvs_snn.publication.crate import workflow_files

    lines = [f"{sha256_of(path)}  {name}\n" for name, path in workflow_files(CLONE).items()]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


rule crate:
    """Turn the study's folder into an RO-Crate: its metadata, and the workflow that made it."""
    input:
        files=[
            *rules.all.input,
            "<results>/headline.txt",
            "<results>/tables/NOT-A-RESULT.txt" if STUDY.startswith("smoke") else [],
            "<results>/provenance.json",
            "<results>/config.used.yaml",
            "<results>/choice.csv" if SETS else [],
            "<results>/recordings/split.csv" if not IS_TUTORIAL else [],
            "<results>/twins/pairs.csv" if IS_SIMULATED else [],
            "<results>/frames/index.csv",
            FACTS,
            *[SETS[name].table for name in SETS],
            *networks("<results>/training/{variant}/seed-{seed}/weights.safetensors"),
            *networks(CONVERTED),
            *FIGURES,
            *PANEL_FILES,
        ],
    output:
        metadata="<results>/ro-crate-metadata.json",
        sources=directory("<results>/code"),
    log:
        "<logs>/crate/all.log",
    params:
        # An edit of any of the workflow's files makes the crate anew.
        workflow=workflow_digest,
    script:
        "../scripts/crate.py"
