"""Whole sets of recordings: one job reads a set, one per network lets the CNN read it, and one per
network and scale runs the spiking network.
"""

EVENTS, EVENTS_TABLE = "<work>/events/{set}.npy", "<work>/events/{set}.csv"
CNN_READINGS = "<work>/evaluation/{variant}/seed-{seed}/cnn.parquet"
# What tells in which frames the CNN reads, if validation does.
PICKED = [CNN_READINGS] if VALIDATION in SETS else []
PICKS = {"quoted": "<work>/quoted.csv"} if VALIDATION in SETS else {}
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
            set="|".join(map(re.escape, PLAN.added_sets)),
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


# The CNNs read validation in all frames, and the other sets in those that validation picked. All sets
# are read in one job a training, since starting a job takes longer than some sets.
rule evaluate_cnn:
    """Let the CNN read validation in all frames: {wildcards.variant}, seed {wildcards.seed}."""
    input:
        weights="<work>/training/{variant}/seed-{seed}/weights.safetensors",
        events=expand(EVENTS, set=PLAN.picking_sets),
        recorded=expand(EVENTS_TABLE, set=PLAN.picking_sets),
    output:
        readings=CNN_READINGS,
        stop_layers="<work>/evaluation/{variant}/seed-{seed}/cnn.stop-layers.csv",
    log:
        "<logs>/evaluate_cnn/{variant}~seed-{seed}.log",
    benchmark:
        "<benchmarks>/evaluate_cnn/{variant}~seed-{seed}.tsv"
    group:
        "network-{variant}-{seed}"
    threads: SETTINGS.inference.compute_threads
    resources:
        runtime=asked(10, "events", per_mb=2),
    params:
        trigger_columns=column_types("stop_layers"),
        sets=placed_sets(PLAN.picking_sets),
        frames=list(map(as_dict, PLAN.cnn_frames)),
        scales=of_variant(PLAN.cnn_scales_of),
        threshold=of_variant(PLAN.cnn_threshold_of),
        compute_threads=SETTINGS.inference.compute_threads,
    script:
        "../scripts/evaluate_cnn.py"


if PLAN.cnn_test_sets:

    use rule evaluate_cnn as evaluate_cnn_tests with:
        input:
            weights="<work>/training/{variant}/seed-{seed}/weights.safetensors",
            events=expand(EVENTS, set=PLAN.cnn_test_sets),
            recorded=expand(EVENTS_TABLE, set=PLAN.cnn_test_sets),
            quoted="<work>/quoted.csv",
        output:
            readings="<work>/evaluation/{variant}/seed-{seed}/cnn-tests.parquet",
            stop_layers="<work>/evaluation/{variant}/seed-{seed}/cnn-tests.stop-layers.csv",
        log:
            "<logs>/evaluate_cnn_tests/{variant}~seed-{seed}.log",
        benchmark:
            "<benchmarks>/evaluate_cnn_tests/{variant}~seed-{seed}.tsv"
        group:
            None
        params:
            sets=placed_sets(PLAN.cnn_test_sets),
            chosen_alone=PLAN.quoted_sets,


# One job runs all sets of the study through a network, and one file tells of all of them, since
# Snakemake's time grows with the files of a job. Added sets have jobs of their own, so one more set
# doesn't run the others again.
rule evaluate:
    """Run all sets of the study through a network at scale {wildcards.scale}."""
    input:
        network=CONVERTED,
        events=expand(EVENTS, set=PLAN.joint_sets),
        recorded=expand(EVENTS_TABLE, set=PLAN.joint_sets),
    output:
        readings="<work>/evaluation/{variant}/seed-{seed}/scale-{scale}.parquet",
        layers="<work>/evaluation/{variant}/seed-{seed}/scale-{scale}.layers.csv",
        stops="<work>/evaluation/{variant}/seed-{seed}/scale-{scale}.stops.csv",
        stop_layers="<work>/evaluation/{variant}/seed-{seed}/scale-{scale}.stop-layers.csv",
    log:
        "<logs>/evaluate/{variant}~seed-{seed}~scale-{scale}.log",
    benchmark:
        "<benchmarks>/evaluate/{variant}~seed-{seed}~scale-{scale}.tsv"
    wildcard_constraints:
        variant=OF_OTHERS,
    group:
        "sweep-{variant}-{seed}"
    threads: SETTINGS.inference.compute_threads
    resources:
        mem_mb=asked(ENGINE.memory_mb, "events", per_mb=1),
        runtime=asked(10, "events", per_mb=ENGINE.minutes_per_mb),
    params:
        trigger_columns=column_types("set_layers", "fixed_stops", "stop_layers"),
        inference=as_dict(SETTINGS.inference),
        sets=placed_sets(PLAN.joint_sets),
        leads=sorted(SETTINGS.choice.exits),
        trigger_code=code_of("evaluate", ENGINE_MODULE),
    script:
        "../scripts/evaluate.py"


if PLAN.lone_sets:

    use rule evaluate_cnn as evaluate_cnn_set with:
        input:
            **PICKS,
            weights="<work>/training/{variant}/seed-{seed}/weights.safetensors",
            events=[EVENTS],
            recorded=[EVENTS_TABLE],
        output:
            readings="<work>/evaluation/{set}/{variant}/seed-{seed}/cnn.parquet",
            stop_layers="<work>/evaluation/{set}/{variant}/seed-{seed}/cnn.stop-layers.csv",
        log:
            "<logs>/evaluate_cnn_set/{set}~{variant}~seed-{seed}.log",
        benchmark:
            "<benchmarks>/evaluate_cnn_set/{set}~{variant}~seed-{seed}.tsv"
        wildcard_constraints:
            set="|".join(map(re.escape, PLAN.lone_sets)),
        group:
            None
        params:
            sets=lambda wildcards: placed_sets([wildcards.set]),

    use rule evaluate as evaluate_set with:
        input:
            network=CONVERTED,
            events=[EVENTS],
            recorded=[EVENTS_TABLE],
        output:
            readings="<work>/evaluation/{set}/{variant}/seed-{seed}/scale-{scale}.parquet",
            layers="<work>/evaluation/{set}/{variant}/seed-{seed}/scale-{scale}.layers.csv",
            stops="<work>/evaluation/{set}/{variant}/seed-{seed}/scale-{scale}.stops.csv",
            stop_layers="<work>/evaluation/{set}/{variant}/seed-{seed}/scale-{scale}.stop-layers.csv",
        log:
            "<logs>/evaluate_set/{set}~{variant}~seed-{seed}~scale-{scale}.log",
        benchmark:
            "<benchmarks>/evaluate_set/{set}~{variant}~seed-{seed}~scale-{scale}.tsv"
        wildcard_constraints:
            set="|".join(map(re.escape, PLAN.lone_sets)),
        params:
            sets=lambda wildcards: placed_sets([wildcards.set]),


# Sets of which only the networks are told that validation chose. One job runs all of a training's.
if PLAN.quoted_sets:

    use rule evaluate as evaluate_quoted with:
        input:
            network=CONVERTED,
            events=[EVENTS],
            recorded=[EVENTS_TABLE],
            quoted="<work>/quoted.csv",
        output:
            readings="<work>/evaluation/{set}/{variant}/seed-{seed}/quoted.parquet",
            layers="<work>/evaluation/{set}/{variant}/seed-{seed}/quoted.layers.csv",
            stops="<work>/evaluation/{set}/{variant}/seed-{seed}/quoted.stops.csv",
            stop_layers="<work>/evaluation/{set}/{variant}/seed-{seed}/quoted.stop-layers.csv",
        log:
            "<logs>/evaluate_quoted/{set}~{variant}~seed-{seed}.log",
        benchmark:
            "<benchmarks>/evaluate_quoted/{set}~{variant}~seed-{seed}.tsv"
        wildcard_constraints:
            set="|".join(map(re.escape, PLAN.quoted_sets)),
        group:
            None
        params:
            sets=lambda wildcards: placed_sets([wildcards.set]),


if GUESTS:

    use rule evaluate as evaluate_guest with:
        input:
            network=CONVERTED,
            events=expand(EVENTS, set=SETS),
            recorded=expand(EVENTS_TABLE, set=SETS),
        log:
            "<logs>/evaluate_guest/{variant}~seed-{seed}~scale-{scale}.log",
        benchmark:
            "<benchmarks>/evaluate_guest/{variant}~seed-{seed}~scale-{scale}.tsv"
        wildcard_constraints:
            variant=OF_GUESTS,
        params:
            sets=placed_sets(SETS),
            guest=lambda wildcards: PLAN.guests[wildcards.variant].placement,


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
