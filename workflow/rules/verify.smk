"""Both inference engines on the same recordings.

Inputs: networks/<variant>/seed-<seed>.safetensors, recordings/split.csv or a folder.
Outputs: tables/verification.csv.
"""


rule verify:
    """Run both inference engines on a sample of recordings; stop where they disagree."""
    input:
        networks=networks("<results>/networks/{variant}/seed-{seed}.safetensors"),
        split=verified_split(),
        folder=verified_folder(),
        code=modules("symbols"),
    output:
        table=report(
            "<results>/tables/verification.csv",
            caption="../report/tables.rst",
            category="4 Tables",
            labels={"table": "verification"},
        ),
    log:
        "<logs>/verify/all.log",
    benchmark:
        "<benchmarks>/verify/all.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        set=VERIFIED_SET,
        folder=EXTRA_SETS.get(VERIFIED_SET, {}).get("folder", ""),
        scenes=scenes_of(VERIFIED_SET),
        listing=listing_of(VERIFIED_SET),
        names=[f"{variant}~{seed}" for variant in VARIANTS for seed in SEEDS],
        scales=VERIFIED_SCALES,
        recordings=config["verification"]["recordings"],
        inference=fixed(config["inference"]),
        frames=fixed(config["frames"]),
    script:
        "../scripts/verify.py"
