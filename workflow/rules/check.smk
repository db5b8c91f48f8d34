"""Whether both inference engines agree."""


rule verify:
    """Run both inference engines on a sample of recordings; stop where they disagree."""
    input:
        networks=networks(CONVERTED),
        events=f"<work>/events/{PLAN.verified_set}.npy",
        recorded=f"<work>/events/{PLAN.verified_set}.csv",
    output:
        table=table("verification"),
    log:
        "<logs>/verify/all.log",
    benchmark:
        "<benchmarks>/verify/all.tsv"
    threads: SETTINGS.inference.compute_threads
    resources:
        mem_mb=asked(1500),
        runtime=asked(10, "networks", each=1),
    params:
        trigger_columns=column_types("verification"),
        compared=[
            {"variant": variant, "seed": seed, "scales": PLAN.verified_scales(variant)}
            for variant in VARIANTS
            for seed in SEEDS
        ],
        placements=SETS[PLAN.verified_set].scenes if PLAN.verified_set else None,
        recordings=SETTINGS.verification.recordings,
        inference=as_dict(SETTINGS.inference),
        classes=CLASSES.names,
    script:
        "../scripts/verify.py"
