"""What jobs ask for, memory, minutes and GPUs, and how fast Snakemake starts them."""

import math

# Of trainings through time and of others: their material; MB of activations and gradients for a
# sample of a batch, of the wider network in float32; minutes of an epoch for a MB of the
# material. A recording of 0.3 s takes 43 kB, and a thread trains on 80 a second; ten are allowed
# for. A frame takes 4,096 bytes, and on an old processor a thread trains on 500 a second.
TRAININGS = {True: ("events", 30, 24 / 600), False: ("frames", 1, 244 / 30_000)}

# GPUs that a training asks for; with `auto` it takes one that it sees and asks for none.
TRAINING_GPUS = int(SETTINGS.training.device == "cuda")


# Memory: at least a fifth more than the largest `max_rss` of a rule's benchmark files, those of
# the default study where it has the rule (docs/speed.md). They were measured with torch's CUDA
# build, which pip takes on Linux: with or without a GPU it needs 0.6 GB more than the CPU build.
# Runtime: at least eight times what was measured, and ten minutes for a start on a busy file
# system, so that only a job that hangs is ended. Rules that say neither take the defaults of the
# cluster's profile.
def asked(base, name="", per_mb=0, each=0):
    """`base`, plus `per_mb` a MB and `each` a file of input `name`; a retry asks for twice."""

    def of_job(wildcards, input, attempt):
        files = input.get(name, [])
        files = [files] if isinstance(files, str) else files
        # On object storage Snakemake asks for sizes: files don't lie here until a job needs them.
        size = type(input)(files).size if IS_STORED else sum(map(os.path.getsize, files))
        return attempt * math.ceil(base + per_mb * (size / 1e6) + each * len(files))

    return of_job


def training_mb(wildcards, input, attempt):
    """Memory of a training: torch, a GPU's own libraries (not measured), a batch, its material."""
    variant = PLAN.variants[wildcards.variant]
    material, per_sample, _ = TRAININGS[variant.through_time]
    per_sample *= variant.images_of(SETTINGS.inference.step_ms)
    # What takes no gradients may read many samples at once, but keeps one layer's outputs alone.
    n_samples = variant.batch_size if isinstance(variant, GradientSettings) else 256
    base = 1400 + 3000 * TRAINING_GPUS + per_sample * n_samples
    return asked(base, material, per_mb=1)(wildcards, input, attempt)


def training_minutes(wildcards, input, attempt):
    """Minutes of a training, by its material and epochs."""
    variant = PLAN.variants[wildcards.variant]
    material, _, per_mb = TRAININGS[variant.through_time]
    epochs = variant.epochs if isinstance(variant, GradientSettings) else 1
    per_mb *= epochs * variant.images_of(SETTINGS.inference.step_ms)
    return asked(10, material, per_mb=per_mb)(wildcards, input, attempt)


onstart:
    # For a limit of 100 jobs a second Snakemake looks at all ready jobs again a second after each
    # look. The looks pile up: in a study of 600 jobs they took more than half a core. A local run
    # starts fewer jobs than that.
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None
