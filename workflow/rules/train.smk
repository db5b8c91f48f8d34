"""The CNN, trained on frames: one job per variant and seed.

Inputs: frames/frames.npy, frames/index.csv.
Outputs: training/<variant>/seed-<seed>/weights.safetensors, curve.csv.
"""


rule train:
    """Train the CNN: variant {wildcards.variant}, seed {wildcards.seed}."""
    input:
        frames="<results>/frames/frames.npy",
        index="<results>/frames/index.csv",
        code=training_code,
    output:
        weights="<results>/training/{variant}/seed-{seed}/weights.safetensors",
        curve="<results>/training/{variant}/seed-{seed}/curve.csv",
    log:
        "<logs>/train/{variant}~seed-{seed}.log",
    benchmark:
        "<benchmarks>/train/{variant}~seed-{seed}.tsv"
    conda:
        "../../environment.yml"
    threads: lambda wildcards: TRAININGS[wildcards.variant]["compute_threads"]
    resources:
        mem_mb=training_mb,
        runtime=training_minutes,
        gpu=gpus("training"),
    params:
        model=config["model"]["name"],
        training=lambda wildcards: fixed(TRAININGS[wildcards.variant]),
        seed=config["seed"],
    script:
        "../scripts/train.py"
