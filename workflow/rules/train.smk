"""The networks, trained on frames or on time steps, or taken from a file of the user's: one job per
variant and seed.
"""


rule train:
    """Train the network: variant {wildcards.variant}, seed {wildcards.seed}."""
    input:
        unpack(of_variant(PLAN.training_files)),
    output:
        weights="<work>/training/{variant}/seed-{seed}/weights.safetensors",
        curve="<work>/training/{variant}/seed-{seed}/curve.csv",
    log:
        "<logs>/train/{variant}~seed-{seed}.log",
    benchmark:
        "<benchmarks>/train/{variant}~seed-{seed}.tsv"
    # Other trainings may start from this one: the longest chain of jobs goes first.
    priority: 1
    resources:
        mem_mb=training_mb,
        runtime=training_minutes,
        gpu=TRAINING_GPUS,
    params:
        trigger_columns=column_types("training"),
        task=lambda wildcards: {
            "network": SETTINGS.model.name,
            "settings": trained_by(PLAN.variants[wildcards.variant]),
            "neurons": as_dict(PLAN.training_neurons(wildcards.variant)),
            "seed": SETTINGS.seed,
            "replicate": int(wildcards.seed),
            "n_classes": len(CLASSES.names),
        },
        step_ms=of_variant(PLAN.training_step_ms),
        placements=of_variant(PLAN.training_placements),
        trigger_code=lambda wildcards: code_of("train", PLAN.training_module(wildcards.variant)),
    script:
        "../scripts/train.py"


if PLAN.given:

    ruleorder: import_weights > train

    rule import_weights:
        """Take the weights of the variant {wildcards.variant} from the file that it names."""
        input:
            given=lambda wildcards: local(PLAN.variants[wildcards.variant].weights),
        output:
            weights="<work>/training/{variant}/seed-{seed}/weights.safetensors",
            curve="<work>/training/{variant}/seed-{seed}/curve.csv",
        log:
            "<logs>/import_weights/{variant}~seed-{seed}.log",
        wildcard_constraints:
            variant="|".join(map(re.escape, PLAN.given)),
        # A mistake in a file of weights is told before anything is trained.
        priority: 2
        params:
            trigger_columns=column_types("training"),
            network=SETTINGS.model.name,
            n_classes=len(CLASSES.names),
        script:
            "../scripts/import_weights.py"
