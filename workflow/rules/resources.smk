"""What jobs ask for, memory, minutes and GPUs, and how fast Snakemake starts them."""

import math

TRAINING_MB = 1400
# Activations and gradients of a frame of a batch, of the wider network in float32.
MB_PER_FRAME_OF_BATCH = 1
# Allowed for a GPU's own libraries. Not measured: we had no GPU.
GPU_MB = 3000
# Frames are 64 x 64 bytes. On an old processor a thread trains on 500 frames a second.
FRAMES_PER_MB = 244
SLOWEST_FRAMES_PER_MINUTE = 30_000
# Trainings through time. A recording of 0.3 s takes 43 kB. A thread trains on 80 a second.
MB_PER_RECORDING_OF_BATCH = 30
RECORDINGS_PER_MB = 24
SLOWEST_RECORDINGS_PER_MINUTE = 600


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
        # On object storage Snakemake asks for sizes: files don't lie here until a job needs them.
        size = type(input)(files).size if IS_STORED else sum(map(os.path.getsize, files))
        return attempt * math.ceil(base + per_mb * (size / 1e6) + each * len(files))

    return of_job


def gpus(section):
    """GPUs that a job asks for; with `auto` it takes one that it sees and asks for none."""
    return int(config[section]["device"] in ("cuda", "mps"))


def training_mb(wildcards, input, attempt):
    """Memory of a training: torch, a batch's activations and gradients, its mapped material."""
    variant = PLAN.variants[wildcards.variant]
    per_sample = MB_PER_RECORDING_OF_BATCH if variant.through_time else MB_PER_FRAME_OF_BATCH
    base = TRAINING_MB + GPU_MB * gpus("training") + per_sample * variant.batch_size
    material = "events" if variant.through_time else "frames"
    return asked(base, material, per_mb=1)(wildcards, input, attempt)


def training_minutes(wildcards, input, attempt):
    """Minutes of a training, by frames or recordings, and epochs."""
    variant = PLAN.variants[wildcards.variant]
    material, per_mb = "frames", FRAMES_PER_MB / SLOWEST_FRAMES_PER_MINUTE
    if variant.through_time:
        material, per_mb = "events", RECORDINGS_PER_MB / SLOWEST_RECORDINGS_PER_MINUTE
    return asked(10, material, per_mb=variant.epochs * per_mb)(wildcards, input, attempt)


onstart:
    # For a limit of 100 jobs a second Snakemake looks at all ready jobs again a second after each
    # look. The looks pile up: in a study of 600 jobs they took more than half a core. A local run
    # starts fewer jobs than that.
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None
