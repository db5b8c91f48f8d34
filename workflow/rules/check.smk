"""Checks of a study: whether sets are like those that trained, and whether both engines agree."""


rule check_sets:
    """Compare the recordings of every set with those that trained; warn of what doesn't fit."""
    input:
        splits=[SETS[name].table for name in SETS],
        events=expand("<work>/events/{set}.npy", set=SETS),
        tables=expand("<work>/events/{set}.csv", set=SETS),
        frames="<work>/frames/frames.npy",
        index="<work>/frames/index.csv",
        facts=PLAN.facts,
    output:
        table=table("checks"),
    log:
        "<logs>/check_sets/all.log",
    params:
        trigger_columns=column_types("checks"),
        sets=[entry | {"where": SETS[entry["name"]].where} for entry in placed_sets(SETS)],
        step_ms=SETTINGS.inference.step_ms,
        classes=CLASSES.names,
    script:
        "../scripts/check_sets.py"


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
