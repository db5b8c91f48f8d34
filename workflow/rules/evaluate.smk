"""Whole sets of recordings: one job stores a set, others let networks read a batch of sets.

dvs_snn/plan/batches.py says which sets one job reads, and for which networks.
"""

EVENTS, EVENTS_TABLE = "<work>/events/{set}.npy", "<work>/events/{set}.csv"
# What evaluation jobs write, without suffix: a network's at a scale or where it is quoted, a CNN's.
AT_SCALE = "<work>/evaluation/{batch}/{variant}/seed-{seed}/scale-{scale}"
AT_QUOTED = "<work>/evaluation/{batch}/{variant}/seed-{seed}/quoted"
BY_CNN = "<work>/evaluation/{batch}/{variant}/seed-{seed}/cnn"
FRAMES_ROW = "<work>/evaluation/frames/{variant}/seed-{seed}.csv"

if PLAN.added_sets:

    rule list_set:
        """Read every recording of the added set {wildcards.set} once; refuse what can't be."""
        output:
            table="<work>/recordings/{set}.csv",
        log:
            "<logs>/list_set/{set}.log",
        benchmark:
            "<benchmarks>/list_set/{set}.tsv"
        wildcard_constraints:
            set=any_of(PLAN.added_sets),
        # A mistake in recordings is told before anything is trained.
        priority: 2
        params:
            trigger_columns=column_types("split"),
            folder=of_set("folder"),
            trigger_listing=of_set("listing"),
            where=of_set("where"),
            classes=CLASSES.names,
            trigger_code=set_code("list_set"),
        script:
            "../scripts/list_set.py"


rule store_set:
    """Read the recordings of the set {wildcards.set} and store their events."""
    input:
        split=of_set("table"),
        trigger_folder=of_set("made"),
    output:
        events="<work>/events/{set}.npy",
        table="<work>/events/{set}.csv",
    log:
        "<logs>/store_set/{set}.log",
    benchmark:
        "<benchmarks>/store_set/{set}.tsv"
    group:
        "recordings"
    params:
        part=lambda wildcards: wildcards.set,
        trigger_code=set_code("store_set"),
    script:
        "../scripts/store_set.py"


if PLAN.is_files:

    use rule store_set as store_training with:
        input:
            split="<work>/recordings/split.csv",
            trigger_folder=UNPACKED,
        output:
            events="<work>/events/training.npy",
            table="<work>/events/training.csv",
        log:
            "<logs>/store_training/all.log",
        benchmark:
            "<benchmarks>/store_training/all.tsv"
        params:
            part="train",
            trigger_code=code_of("store_set", *SETS[TEST].formats),


rule evaluate_cnn:
    """Let the CNN read the batch {wildcards.batch} in all frames."""
    input:
        weights=WEIGHTS,
        events=of_batch(EVENTS),
        recorded=of_batch(EVENTS_TABLE),
    output:
        readings=f"{BY_CNN}.parquet",
        stop_layers=f"{BY_CNN}.stop-layers.csv",
    log:
        "<logs>/evaluate_cnn/{batch}~{variant}~seed-{seed}.log",
    benchmark:
        "<benchmarks>/evaluate_cnn/{batch}~{variant}~seed-{seed}.tsv"
    wildcard_constraints:
        batch=any_of(PLAN.batches_of("cnns")),
    group:
        "network-{variant}-{seed}"
    threads: SETTINGS.inference.compute_threads
    resources:
        runtime=asked(10, "events", per_mb=2),
    params:
        trigger_columns=column_types("stop_layers"),
        sets=lambda wildcards: placed_sets(PLAN.batches[wildcards.batch].sets),
        frames=list(map(as_dict, PLAN.cnn_frames)),
        scales=of_variant(PLAN.cnn_scales_of),
        threshold=of_variant(PLAN.cnn_threshold_of),
        compute_threads=SETTINGS.inference.compute_threads,
        chosen_alone=lambda wildcards: PLAN.batches[wildcards.batch].chosen_alone,
    script:
        "../scripts/evaluate_cnn.py"


use rule evaluate_cnn as evaluate_cnn_quoted with:
    input:
        weights=WEIGHTS,
        events=of_batch(EVENTS),
        recorded=of_batch(EVENTS_TABLE),
        quoted="<work>/quoted.csv",
    log:
        "<logs>/evaluate_cnn_quoted/{batch}~{variant}~seed-{seed}.log",
    benchmark:
        "<benchmarks>/evaluate_cnn_quoted/{batch}~{variant}~seed-{seed}.tsv"
    wildcard_constraints:
        batch=any_of(PLAN.batches_of("cnns", of_quoted=True)),
    group:
        None


# One file tells of all sets of a batch, since Snakemake's time grows with the files of a job.
rule evaluate:
    """Run the batch {wildcards.batch} through a network at scale {wildcards.scale}."""
    input:
        network=CONVERTED,
        events=of_batch(EVENTS),
        recorded=of_batch(EVENTS_TABLE),
    output:
        readings=f"{AT_SCALE}.parquet",
        layers=f"{AT_SCALE}.layers.csv",
        stops=f"{AT_SCALE}.stops.csv",
        stop_layers=f"{AT_SCALE}.stop-layers.csv",
    log:
        "<logs>/evaluate/{batch}~{variant}~seed-{seed}~scale-{scale}.log",
    benchmark:
        "<benchmarks>/evaluate/{batch}~{variant}~seed-{seed}~scale-{scale}.tsv"
    wildcard_constraints:
        batch=any_of(PLAN.batches_of("trained", "guests")),
    group:
        "sweep-{variant}-{seed}"
    threads: SETTINGS.inference.compute_threads
    resources:
        mem_mb=asked(ENGINE.memory_mb, "events", per_mb=1),
        runtime=asked(10, "events", per_mb=ENGINE.minutes_per_mb),
    params:
        trigger_columns=column_types("set_layers", "fixed_stops", "stop_layers"),
        inference=as_dict(SETTINGS.inference),
        sets=lambda wildcards: placed_sets(PLAN.batches[wildcards.batch].sets),
        leads=sorted(SETTINGS.choice.exits),
        guest=of_variant(PLAN.guest_placement),
        trigger_code=code_of("evaluate", ENGINE_MODULE),
    script:
        "../scripts/evaluate.py"


use rule evaluate as evaluate_quoted with:
    input:
        network=CONVERTED,
        events=of_batch(EVENTS),
        recorded=of_batch(EVENTS_TABLE),
        quoted="<work>/quoted.csv",
    output:
        readings=f"{AT_QUOTED}.parquet",
        layers=f"{AT_QUOTED}.layers.csv",
        stops=f"{AT_QUOTED}.stops.csv",
        stop_layers=f"{AT_QUOTED}.stop-layers.csv",
    log:
        "<logs>/evaluate_quoted/{batch}~{variant}~seed-{seed}.log",
    benchmark:
        "<benchmarks>/evaluate_quoted/{batch}~{variant}~seed-{seed}.tsv"
    wildcard_constraints:
        batch=any_of(PLAN.batches_of("trained", of_quoted=True)),
    group:
        None


if PLAN.checked_sets:

    rule check_chips:
        """Run the networks from NIR files on real recordings as a chip would."""
        input:
            networks=of_guests(CONVERTED),
            given=[local(PLAN.guests[name].nir) for name in GUESTS],
            events=expand(EVENTS, set=PLAN.checked_sets),
            recorded=expand(EVENTS_TABLE, set=PLAN.checked_sets),
            published=shipped("workflow/data/chip_check.tsv"),
        output:
            table=table("chip_check"),
        log:
            "<logs>/check_chips/all.log",
        benchmark:
            "<benchmarks>/check_chips/all.tsv"
        threads: SETTINGS.inference.compute_threads
        resources:
            mem_mb=asked(1500, "events", per_mb=1),
            runtime=asked(10, "networks", each=10),
        params:
            trigger_columns=column_types("chip_check"),
            names=GUESTS,
            guests=[as_dict(PLAN.guests[name]) for name in GUESTS],
            sets=placed_sets(PLAN.checked_sets),
        script:
            "../scripts/check_chips.py"


rule evaluate_frames:
    """Measure the CNN on the test block of the tutorial's frames."""
    input:
        weights="<work>/training/{variant}/seed-{seed}/weights.safetensors",
        frames="<work>/frames/frames.npy",
        index="<work>/frames/index.csv",
    output:
        row=FRAMES_ROW,
    log:
        "<logs>/evaluate_frames/{variant}~seed-{seed}.log",
    group:
        "network-{variant}-{seed}"
    resources:
        mem_mb=asked(2600),
    params:
        trigger_columns=column_types("frames_rows"),
    script:
        "../scripts/evaluate_frames.py"
