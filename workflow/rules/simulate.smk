"""Simulated recordings, their frames and, for trainings through time, their events."""


rule symbols:
    """Read the drawn digits and assign them to training, validation and test."""
    output:
        symbols="<work>/recordings/symbols.npz",
    log:
        "<logs>/symbols/all.log",
    params:
        settings=as_dict(SETTINGS.simulation.symbols),
        seed=SETTINGS.seed,
    script:
        "../scripts/symbols.py"


rule simulate_set:
    """Simulate the recordings of the set {wildcards.set}."""
    input:
        symbols="<work>/recordings/symbols.npz",
    output:
        folder=directory("<work>/recordings/{set}"),
        table="<work>/recordings/{set}.csv",
    log:
        "<logs>/simulate_set/{set}.log",
    benchmark:
        "<benchmarks>/simulate_set/{set}.tsv"
    wildcard_constraints:
        set="|".join(PLAN.simulated_sets),
    group:
        None if IS_STORED else "recordings"
    # A folder that another machine stores stays unseen: the S3 plugin remembers that it was
    # missing.
    localrule: IS_STORED
    params:
        trigger_columns=column_types("split"),
        scenes=lambda wildcards: list(SETS[wildcards.set].scenes),
        part=of_set("part"),
        simulation=lambda wildcards: as_dict(SETS[wildcards.set].simulation),
        seed=SETTINGS.seed,
        trigger_code=set_code("simulate_set"),
    script:
        "../scripts/simulate_set.py"


rule list_recordings:
    """List the recordings of all simulated sets in one split table."""
    input:
        tables=expand("<work>/recordings/{set}.csv", set=PLAN.simulated_sets),
    output:
        table="<work>/recordings/split.csv",
    log:
        "<logs>/list_recordings/all.log",
    params:
        trigger_columns=column_types("split"),
    script:
        "../scripts/list_recordings.py"


rule simulate_recording:
    """Simulate recording {wildcards.recording}: a digit on paper, held by hand."""
    input:
        symbols="<work>/recordings/symbols.npz",
    output:
        file="<work>/recordings/videos/{recording}.aedat",
    log:
        "<logs>/simulate_recording/{recording}.log",
    group:
        "recordings"
    params:
        symbol=lambda wildcards: RECORDINGS[wildcards.recording].source.symbol,
        take=lambda wildcards: RECORDINGS[wildcards.recording].take,
        simulation=as_dict(SETTINGS.simulation.of_scenes("paper")),
        seed=SETTINGS.seed,
        trigger_code=recording_code("simulate_recording"),
    script:
        "../scripts/simulate_recording.py"


TRAINED_SCENES = as_dict(SETTINGS.simulation.of_scenes("mnist-dvs", "saccades", training=True))


rule simulate_frames:
    """Simulate the training recordings; store their frames alone."""
    input:
        symbols="<work>/recordings/symbols.npz",
        events="<work>/events/validation.npy",
        table="<work>/events/validation.csv",
    output:
        frames="<work>/frames/frames.npy",
        index="<work>/frames/index.csv",
    log:
        "<logs>/simulate_frames/all.log",
    benchmark:
        "<benchmarks>/simulate_frames/all.tsv"
    # All trainings wait for it.
    priority: 1
    threads: 2
    resources:
        runtime=asked(10, "symbols", per_mb=40),
    params:
        simulation=TRAINED_SCENES,
        rule=as_dict(SETTINGS.frames),
        study_seed=SETTINGS.seed,
    script:
        "../scripts/simulate_frames.py"


rule simulate_training:
    """Simulate and store the recordings that trainings through time read."""
    input:
        symbols="<work>/recordings/symbols.npz",
    output:
        events="<work>/events/training.npy",
        table="<work>/events/training.csv",
    log:
        "<logs>/simulate_training/all.log",
    benchmark:
        "<benchmarks>/simulate_training/all.tsv"
    threads: 2
    resources:
        runtime=asked(10, "symbols", per_mb=20),
    params:
        simulation=TRAINED_SCENES,
        recordings=SETTINGS.simulation.step_recordings,
        study_seed=SETTINGS.seed,
    script:
        "../scripts/simulate_training.py"
