"""Compares both inference engines on the same recordings.

Inputs: networks/<variant>/seed-<seed>.safetensors, events/<set>.npy, .csv.
Outputs: tables/verification.csv.
"""


rule verify:
    """Run both inference engines on a sample of recordings; stop where they disagree."""
    input:
        networks=networks(CONVERTED),
        events=f"<results>/events/{PLAN.verified_set}.npy",
        recorded=f"<results>/events/{PLAN.verified_set}.csv",
    output:
        table=table("verification"),
    log:
        "<logs>/verify/all.log",
    benchmark:
        "<benchmarks>/verify/all.tsv"
    threads: config["inference"]["compute_threads"]
    resources:
        mem_mb=asked(1600),
        runtime=asked(10, "networks", each=1),
        gpu=gpus("inference"),
    params:
        columns=column_types("verification"),
        names=[f"{variant}~{seed}" for variant in VARIANTS for seed in SEEDS],
        scales=[PLAN.verified_scales(variant) for variant in VARIANTS for _ in SEEDS],
        placements=SETS[PLAN.verified_set].scenes if PLAN.verified_set else None,
        recordings=config["verification"]["recordings"],
        inference=config["inference"],
        classes=DATA["classes"],
    script:
        "../scripts/verify.py"
