"""What hangs on how a network runs; the networks for other programs.

Inputs: networks/<variant>/seed-<seed>.safetensors, choice.csv, the test recordings.
Outputs: tables/ablation.csv, exports/<variant>/seed-<seed>/.
"""

ABLATED = "<results>/ablation/{variant}/seed-{seed}"


rule ablation:
    """Change one thing at a time: variant {wildcards.variant}, seed {wildcards.seed}."""
    input:
        network=CONVERTED,
        choice="<results>/choice.csv",
        splits=[SETS[name].table for name in ABLATED_SETS],
        folders=[SETS[name].made for name in ABLATED_SETS],
    output:
        outcomes=f"{ABLATED}.csv",
    log:
        "<logs>/ablation/{variant}~seed-{seed}.log",
    benchmark:
        "<benchmarks>/ablation/{variant}~seed-{seed}.tsv"
    threads: config["inference"]["compute_threads"]
    resources:
        mem_mb=asked(1400),
    params:
        columns=column_types("ablation_outcomes"),
        sets=ABLATED_SETS,
        scenes=fixed({name: SETS[name].scenes for name in ABLATED_SETS}),
        recordings=config["ablation"]["recordings"],
        step_ms=config["inference"]["step_ms"],
        compute_threads=config["inference"]["compute_threads"],
        code=code_of("ablation", *ABLATED_FORMATS),
    script:
        "../scripts/ablation.py"


rule join_ablation:
    """Gather what each change moves, of all networks, in one table."""
    input:
        tables=networks(f"{ABLATED}.csv"),
    output:
        table=table("ablation"),
    log:
        "<logs>/join_ablation/all.log",
    params:
        columns=column_types("ablation"),
    script:
        "../scripts/join_ablation.py"


rule export:
    """Write the quoted networks of whole numbers as NIR files, with expected spikes."""
    input:
        networks=networks(CONVERTED),
        choice="<results>/choice.csv",
        split=SETS[ABLATED_SETS[0]].table,
        folder=SETS[ABLATED_SETS[0]].made,
    output:
        folder=directory("<results>/exports"),
    log:
        "<logs>/export/all.log",
    params:
        names=[f"{variant}~{seed}" for variant in VARIANTS for seed in SEEDS],
        set=ABLATED_SETS[0],
        scenes=fixed(SETS[ABLATED_SETS[0]].scenes),
        recordings=3,
        classes=DATA["classes"],
        step_ms=config["inference"]["step_ms"],
        code=code_of("export", *SETS[ABLATED_SETS[0]].formats),
    script:
        "../scripts/export.py"
