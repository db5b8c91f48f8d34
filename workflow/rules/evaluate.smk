"""Whole sets of recordings: one job per set, network and scale.

Inputs: networks/<variant>/seed-<seed>.safetensors, recordings/split.csv or a folder.
Outputs: evaluation/<set>/<variant>/seed-<seed>/scale-<scale>.csv, .layers.csv.
"""


rule evaluate:
    """Run the set {wildcards.set} at scale {wildcards.scale}."""
    input:
        network="<results>/networks/{variant}/seed-{seed}.safetensors",
        split=set_split,
        folder=set_folder,
        code=modules(
            "atomic",
            "conversion",
            "errors",
            "evaluation",
            "event_inference",
            "events",
            "framing",
            "hashing",
            "inference",
            "job",
            "kernel_cache",
            "layers",
            "listing",
            "model",
            "power",
            "randomness",
            "response",
            "sources",
            "statistics",
            "synops",
            "tablefile",
            "tables",
        ),
    output:
        outcomes="<results>/evaluation/{set}/{variant}/seed-{seed}/scale-{scale}.csv",
        layers="<results>/evaluation/{set}/{variant}/seed-{seed}/scale-{scale}.layers.csv",
    log:
        "<logs>/evaluate/{set}~{variant}~seed-{seed}~scale-{scale}.log",
    benchmark:
        "<benchmarks>/evaluate/{set}~{variant}~seed-{seed}~scale-{scale}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        own=lambda wildcards: wildcards.set not in EXTRA_SETS,
        folder=lambda wildcards: EXTRA_SETS.get(wildcards.set, {}).get("folder", ""),
        scenes=set_scenes,
        listing=set_listing,
        inference=fixed(config["inference"]),
        frames=fixed(config["frames"]),
    script:
        "../scripts/evaluate.py"


rule evaluate_frames:
    """Measure the CNN on the test block of the tutorial's frames."""
    input:
        weights="<results>/training/{variant}/seed-{seed}/weights.safetensors",
        frames="<results>/frames/frames.npy",
        index="<results>/frames/index.csv",
        code=modules(
            "atomic",
            "augment",
            "conversion",
            "errors",
            "events",
            "framestore",
            "framing",
            "job",
            "layers",
            "model",
            "power",
            "randomness",
            "response",
            "statistics",
            "synops",
            "tablefile",
            "tables",
            "training",
        ),
    output:
        row="<results>/evaluation/frames/{variant}/seed-{seed}.csv",
    log:
        "<logs>/evaluate_frames/{variant}~seed-{seed}.log",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    script:
        "../scripts/evaluate_frames.py"
