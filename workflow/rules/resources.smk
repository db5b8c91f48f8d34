"""What jobs ask for: memory, minutes and GPUs."""

import math

TRAINING_MB = 1400
# Activations and gradients of a frame of a batch, of the wider network in float32.
MB_PER_FRAME_OF_BATCH = 1
# Allowed for a GPU's own libraries. Not measured: we had no GPU.
GPU_MB = 3000
# Frames are 64 x 64 bytes. On an old processor a thread trains on 500 frames a second.
FRAMES_PER_MB = 244
SLOWEST_FRAMES_PER_MINUTE = 30_000


# Memory: at least a fifth more than the largest `max_rss` of a rule's benchmark files, those of the
# default study where it has the rule (docs/size.md). They were measured with torch's CUDA build, which
# pip takes on Linux: with or without a GPU it needs 0.6 GB more than the CPU build. Runtime: at least
# eight times what was measured, and ten minutes for a start on a busy file system, so that only a job
# that hangs is ended. Plain numbers stand in rules that were not measured.
def asked(base, name="", per_mb=0, each=0):
    """A resource: `base`, plus `per_mb` a MB and `each` a file of input `name`; a retry asks for twice."""

    def of_job(wildcards, input, attempt):
        files = input.get(name, [])
        files = [files] if isinstance(files, str) else files
        mb = sum(map(os.path.getsize, files)) / 1e6
        return attempt * math.ceil(base + per_mb * mb + each * len(files))

    return of_job


def gpus(section):
    """GPUs that a job asks for; with `auto` it takes one that it sees and asks for none."""
    return int(config[section]["device"] in ("cuda", "mps"))


def training_mb(wildcards, input, attempt):
    """Memory of a training: torch, a batch's activations and gradients, the mapped frames."""
    batch_mb = MB_PER_FRAME_OF_BATCH * TRAININGS[wildcards.variant]["batch_size"]
    base = TRAINING_MB + GPU_MB * gpus("training") + batch_mb
    return asked(base, "frames", per_mb=1)(wildcards, input, attempt)


def training_minutes(wildcards, input, attempt):
    """Minutes of a training, by frames and epochs."""
    epochs = TRAININGS[wildcards.variant]["epochs"]
    per_mb = epochs * FRAMES_PER_MB / SLOWEST_FRAMES_PER_MINUTE
    return asked(10, "frames", per_mb=per_mb)(wildcards, input, attempt)
