"""A finished study as others find, check and cite it: `snakemake --cores 1 crate`.

Inputs: every result of the study, CITATION.cff, the workflow's own files.
Outputs: cards/<variant>/seed-<seed>.md, croissant.json, ro-crate-metadata.json, code/.
"""

from dvs_snn.publication.code import workflow_digest

CROISSANT = ["<results>/croissant.json"] if IS_SIMULATED else []
CARDS = networks("<results>/cards/{variant}/seed-{seed}.md")


rule model_cards:
    """Write a model card of each network."""
    input:
        evaluation="<results>/tables/evaluation.csv",
        training="<results>/tables/training.csv",
        network="<results>/tables/network.csv",
        config="<results>/config.used.yaml",
        citation=shipped("CITATION.cff"),
        code=code_of("model_cards"),
    output:
        cards=CARDS,
    log:
        "<logs>/model_cards/all.log",
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=asked(400),
        runtime=asked(10),
    params:
        variants=VARIANTS,
        seeds=SEEDS,
    script:
        "../scripts/model_cards.py"


if IS_SIMULATED:

    rule croissant:
        """Describe the simulated recordings and their twins as Croissant metadata."""
        input:
            split="<results>/recordings/split.csv",
            pairs="<results>/twins/pairs.csv",
            sets=expand("<results>/recordings/{set}", set=SIMULATED_SETS),
            citation=shipped("CITATION.cff"),
            code=code_of("croissant"),
        output:
            metadata="<results>/croissant.json",
        log:
            "<logs>/croissant/all.log",
        localrule: True
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=asked(400),
            runtime=asked(10),
        script:
            "../scripts/croissant.py"


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
            *CARDS,
            *CROISSANT,
        ],
        folders=expand("<results>/recordings/{set}", set=SIMULATED_SETS),
        code=code_of("crate"),
    output:
        metadata="<results>/ro-crate-metadata.json",
        code=directory("<results>/code"),
    log:
        "<logs>/crate/all.log",
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=asked(300),
        runtime=asked(10),
    params:
        # It copies the workflow's files, so an edit of any makes it anew.
        workflow=lambda wildcards: workflow_digest(CLONE),
    script:
        "../scripts/crate.py"
