"""Compares simulated with real recordings; measures what each part of the sensor changes, and what
a network costs and reads before a sensor that sees no digit.

Inputs: recordings/, networks/, tables/, workflow/data/mnist-dvs-quantities.tsv, nmnist-twins.tsv and
nmnist-statistics.tsv, the real twins if the user has them.
Outputs: tables/calibration.csv, profile.csv, paired.csv, realism.csv, features.csv, sensitivity.csv,
idle.csv, and their figures.
"""


rule calibrate:
    """Compare simulated recordings of the digit zero with real ones, and change each parameter."""
    input:
        symbols="<results>/recordings/symbols.npz",
        real=shipped("workflow/data/mnist-dvs-quantities.tsv"),
    output:
        table=table("calibration"),
        profile=table("profile"),
    log:
        "<logs>/calibrate/all.log",
    benchmark:
        "<benchmarks>/calibrate/all.tsv"
    # The longest of the jobs before the training frames, which need all cores of a small machine.
    priority: 1
    group:
        "recordings"
    params:
        columns=column_types("calibration", "profile"),
        simulation=scene_settings("mnist-dvs"),
        profile_zeros=SIMULATION["profile"]["symbols"],
        seed=config["seed"],
    script:
        "../scripts/calibrate.py"


rule list_twins:
    """List the real twins of the simulated test recordings."""
    output:
        table="<results>/recordings/real-twins.csv",
    log:
        "<logs>/list_twins/all.log",
    params:
        columns=column_types("split"),
        folder=SIMULATION["real_twins"],
        name=REAL_TWINS,
        where=fixed(SETS[REAL_TWINS].where) if REAL_TWINS in SETS else None,
        listing=digest_of(SIMULATION["real_twins"]),
        code=code_of("list_twins", "dvs_snn.recordings.formats.bin"),
    script:
        "../scripts/list_twins.py"


rule pair_twins:
    """Compare every simulated twin with the real recording of the same symbol."""
    input:
        ours=SETS[SACCADES_TEST].table,
        folder=SETS[SACCADES_TEST].made[0],
        real=SETS[REAL_TWINS].table if REAL_TWINS in SETS else [],
        shipped=shipped("workflow/data/nmnist-twins.tsv"),
        predictions="<results>/tables/predictions.csv",
    output:
        table=table("paired"),
        pairs="<results>/twins/pairs.csv",
    log:
        "<logs>/pair_twins/all.log",
    params:
        columns=column_types("paired", "pairs"),
        seed=config["seed"],
        code=code_of("pair_twins", *SETS[SACCADES_TEST].formats),
    script:
        "../scripts/pair_twins.py"


rule tell_apart:
    """Tell simulated recordings from real ones of the same symbols, by statistics of their events."""
    input:
        ours=SETS[SACCADES_TEST].table,
        folder=SETS[SACCADES_TEST].made[0],
        symbols="<results>/recordings/symbols.npz",
        shipped=shipped("workflow/data/nmnist-statistics.tsv"),
    output:
        table=table("realism"),
    log:
        "<logs>/tell_apart/all.log",
    benchmark:
        "<benchmarks>/tell_apart/all.tsv"
    group:
        "recordings"
    params:
        columns=column_types("realism"),
        simulation=scene_settings("saccades"),
        seed=config["seed"],
        code=code_of("tell_apart", *SETS[SACCADES_TEST].formats),
    script:
        "../scripts/tell_apart.py"


if "features" in TABLES:

    rule compare_features:
        """Tell simulated recordings from real ones of the same symbols, by the first CNN's features."""
        input:
            weights=f"<results>/training/{CNNS[0]}/seed-{SEEDS[0]}/weights.safetensors",
            real=SETS[REAL_TWINS].table,
            ours=SETS[SACCADES_TEST].table,
            folder=SETS[SACCADES_TEST].made[0],
            symbols="<results>/recordings/symbols.npz",
        output:
            table=table("features"),
        log:
            "<logs>/compare_features/all.log",
        benchmark:
            "<benchmarks>/compare_features/all.tsv"
        params:
            columns=column_types("features"),
            network={"variant": CNNS[0], "seed": SEEDS[0]},
            sets=[REAL_TWINS, SACCADES_TEST],
            scenes=fixed(SETS[SACCADES_TEST].scenes),
            frames=fixed(config["frames"]),
            simulation=scene_settings("saccades"),
            seed=config["seed"],
            code=code_of("compare_features", *SETS[SACCADES_TEST].formats),
        script:
            "../scripts/compare_features.py"


rule sensitivity_recordings:
    """Simulate recordings with one part of the sensor changed at a time."""
    input:
        symbols="<results>/recordings/symbols.npz",
    output:
        steps="<results>/sensitivity/steps.npy",
        table="<results>/sensitivity/steps.csv",
        frames="<results>/sensitivity/frames.npy",
        index="<results>/sensitivity/frames.csv",
    log:
        "<logs>/sensitivity_recordings/all.log",
    benchmark:
        "<benchmarks>/sensitivity_recordings/all.tsv"
    group:
        "recordings"
    params:
        simulation=scene_settings("mnist-dvs"),
        scene="mnist-dvs",
        per_digit=SIMULATION["sensitivity"]["symbols"],
        placement=fixed(placement_settings(SIMULATION["scenes"]["mnist-dvs"])),
        step_ms=config["inference"]["step_ms"],
        frames=fixed(config["frames"]),
        seed=config["seed"],
    script:
        "../scripts/sensitivity_recordings.py"


rule sensitivity:
    """Read recordings of changed sensors: variant {wildcards.variant}, seed {wildcards.seed}."""
    input:
        network=SPIKING,
        cnn=of_cnn(CONVERTED),
        steps="<results>/sensitivity/steps.npy",
        table="<results>/sensitivity/steps.csv",
        frames="<results>/sensitivity/frames.npy",
        index="<results>/sensitivity/frames.csv",
        choice="<results>/choice.csv",
    output:
        table="<results>/sensitivity/{variant}/seed-{seed}.csv",
    log:
        "<logs>/sensitivity/{variant}~seed-{seed}.log",
    benchmark:
        "<benchmarks>/sensitivity/{variant}~seed-{seed}.tsv"
    threads: config["inference"]["compute_threads"]
    resources:
        mem_mb=asked(ENGINE.memory_mb + 800, "steps", per_mb=1),
        runtime=asked(10, "steps", per_mb=ENGINE.minutes_per_mb),
        gpu=gpus("inference"),
    params:
        columns=column_types("sensitivity_outcomes"),
        inference=RUNNING,
        code=code_of("sensitivity", ENGINE_MODULE),
    script:
        "../scripts/sensitivity.py"


rule join_sensitivity:
    """Gather the sensitivity of all networks in one table."""
    input:
        tables=networks("<results>/sensitivity/{variant}/seed-{seed}.csv"),
    output:
        table=table("sensitivity"),
    log:
        "<logs>/join_sensitivity/all.log",
    params:
        columns=column_types("sensitivity"),
        step_ms=config["inference"]["step_ms"],
    script:
        "../scripts/join_sensitivity.py"


rule idle_recordings:
    """Simulate the nominal sensors before a scene without a digit."""
    output:
        steps="<results>/idle/steps.npy",
        table="<results>/idle/steps.csv",
    log:
        "<logs>/idle_recordings/all.log",
    benchmark:
        "<benchmarks>/idle_recordings/all.tsv"
    group:
        "recordings"
    params:
        simulation=scene_settings("mnist-dvs", "saccades"),
        scenes=["mnist-dvs", "saccades"],
        step_ms=config["inference"]["step_ms"],
        seed=config["seed"],
    script:
        "../scripts/idle_recordings.py"


rule idle:
    """Run before blank scenes: variant {wildcards.variant}, seed {wildcards.seed}."""
    input:
        network=SPIKING,
        steps="<results>/idle/steps.npy",
        table="<results>/idle/steps.csv",
        validation="<results>/steps/validation.npy",
        validation_table="<results>/steps/validation.csv",
        choice="<results>/choice.csv",
    output:
        table="<results>/idle/{variant}/seed-{seed}.csv",
    log:
        "<logs>/idle/{variant}~seed-{seed}.log",
    benchmark:
        "<benchmarks>/idle/{variant}~seed-{seed}.tsv"
    threads: config["inference"]["compute_threads"]
    resources:
        mem_mb=asked(ENGINE.memory_mb, "validation", per_mb=1),
        runtime=asked(10, "validation", per_mb=ENGINE.minutes_per_mb),
        gpu=gpus("inference"),
    params:
        columns=column_types("idle_outcomes"),
        inference=RUNNING,
        window_ms=config["inference"]["window_ms"],
        code=code_of("idle", ENGINE_MODULE),
    script:
        "../scripts/idle.py"


rule join_idle:
    """Gather the cost of idling of all networks in one table."""
    input:
        tables=networks("<results>/idle/{variant}/seed-{seed}.csv"),
    output:
        table=table("idle"),
    log:
        "<logs>/join_idle/all.log",
    params:
        columns=column_types("idle"),
        energy=fixed(
            {key: config["power"][key] for key in ("energy_per_synop_pj", "static_power_mw")}
        ),
    script:
        "../scripts/join_idle.py"
