"""The CNN, trained on frames: one job per variant and seed.

Inputs: frames/frames.npy, frames/index.csv.
Outputs: training/<variant>/seed-<seed>/weights.safetensors, curve.csv.
"""

TRAINING_MB = 1400
# Activations and gradients of a frame of a batch, of the wider network in float32.
MB_PER_FRAME_OF_BATCH = 1
# Allowed for a GPU's own libraries. Not measured: no GPU was to be had.
GPU_MB = 3000
# Frames are 64 x 64 bytes. On an old processor a thread trains on 500 frames a second.
FRAMES_PER_MB = 244
SLOWEST_FRAMES_PER_MINUTE = 30_000


def training_code(wildcards):
    """The modules of a variant's training, its loss among them."""
    loss = TRAININGS[wildcards.variant]["loss"].replace("-", "_")
    return code_of("train", f"dvs_snn.training.losses.{loss}")


def training_mb(wildcards, input, attempt):
    """Memory of a training: torch, a batch's maps forth and back, and the frames, which are mapped."""
    batch_mb = MB_PER_FRAME_OF_BATCH * TRAININGS[wildcards.variant]["batch_size"]
    base = TRAINING_MB + GPU_MB * gpus("training") + batch_mb
    return asked(base, "frames", per_mb=1)(wildcards, input, attempt)


def training_minutes(wildcards, input, attempt):
    """Minutes of a training, by frames and epochs."""
    epochs = TRAININGS[wildcards.variant]["epochs"]
    per_mb = epochs * FRAMES_PER_MB / SLOWEST_FRAMES_PER_MINUTE
    return asked(10, "frames", per_mb=per_mb)(wildcards, input, attempt)


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
