"""Compares simulated recordings with real ones.

Inputs: symbols and events of work/, the shipped figures of real recordings, the real twins if the
user has them.
Outputs: work/recordings/real-twins.csv, tables/calibration.csv, paired.csv, realism.csv.
"""

# The simulated twins, and the real ones if the study has them.
TWINS = [SACCADES_TEST, *([REAL_TWINS] if REAL_TWINS in SETS else [])]


rule calibrate:
    """Compare simulated slow recordings with real ones."""
    input:
        symbols="<work>/recordings/symbols.npz",
        real=shipped("workflow/data/mnist-dvs-statistics.tsv"),
    output:
        table=table("calibration"),
    log:
        "<logs>/calibrate/all.log",
    benchmark:
        "<benchmarks>/calibrate/all.tsv"
    group:
        "recordings"
    params:
        trigger_columns=column_types("calibration"),
        mnist_dvs=as_dict(SETTINGS.simulation.of_scenes("mnist-dvs")),
        study_seed=SETTINGS.seed,
    script:
        "../scripts/calibrate.py"


rule list_twins:
    """List the real twins of the simulated test recordings."""
    input:
        unpacked=SETS[REAL_TWINS].made if REAL_TWINS in SETS else [],
    output:
        table="<work>/recordings/real-twins.csv",
    log:
        "<logs>/list_twins/all.log",
    params:
        trigger_columns=column_types("split"),
        folder=SETTINGS.simulation.twins_folder,
        name=REAL_TWINS,
        where=SETS[REAL_TWINS].where if REAL_TWINS in SETS else None,
        trigger_listing=digest_of(SETTINGS.simulation.twins_folder),
        trigger_code=code_of("list_twins", "dvs_snn.recordings.formats.bin"),
    script:
        "../scripts/list_twins.py"


rule pair_twins:
    """Compare every simulated twin with the real recording of the same symbol."""
    input:
        events=expand(EVENTS, set=TWINS),
        recordings=expand(EVENTS_TABLE, set=TWINS),
        shipped=shipped("workflow/data/nmnist-statistics.tsv"),
    output:
        table=table("paired"),
    log:
        "<logs>/pair_twins/all.log",
    params:
        trigger_columns=column_types("paired"),
        sets=placed_sets(TWINS),
        study_seed=SETTINGS.seed,
    script:
        "../scripts/pair_twins.py"


rule tell_apart:
    """Tell simulated recordings from real ones of the same symbols, by event statistics."""
    input:
        events=expand(EVENTS, set=SACCADES_TEST)[0],
        recordings=expand(EVENTS_TABLE, set=SACCADES_TEST)[0],
        symbols="<work>/recordings/symbols.npz",
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
        trigger_columns=column_types("realism"),
        placements=SETS[SACCADES_TEST].scenes,
        saccades=as_dict(SETTINGS.simulation.of_scenes("saccades")),
        study_seed=SETTINGS.seed,
    script:
        "../scripts/tell_apart.py"
