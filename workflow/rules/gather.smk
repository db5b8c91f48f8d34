"""Result tables, from what all jobs measured.

Inputs: evaluation/, inference/, training/ and benchmarks/ of work/, workflow/data/published.tsv,
workflow/data/chips.tsv, workflow/data/energy_models.tsv.
Outputs: work/choice.csv, tables/*.csv.
"""

# The method of each network.
METHODS = dict(sorted(PLAN.methods.items())) | dict.fromkeys(GUESTS, NIR)
# What evaluation jobs write, without suffix: of networks that the study trains, and of all networks.
TRAINED = [
    *networks(AT_SCALE, batch=PLAN.batches_of("trained")),
    *networks(AT_QUOTED, batch=PLAN.batches_of("trained", of_quoted=True)),
]
READ = TRAINED + of_guests(AT_SCALE, batch=PLAN.batches_of("guests"))
# Of all CNNs, and of those that stand beside the networks made from them.
OF_CNNS = PLAN.batches_of("cnns") + PLAN.batches_of("cnns", of_quoted=True)
CNNS = [path for name in OF_CNNS for path in networks(BY_CNN, CNN_VARIANTS, batch=name)]
CNNS_BESIDE = [path for name in OF_CNNS for path in networks(BY_CNN, PLAN.cnns, batch=name)]
# Tables of the jobs that are timed: the table of run times is made after them.
TIMED = ["evaluation", "verification", "probes", "calibration", "realism", "chip_check"]


rule choose:
    """Choose the operating point of each method on validation recordings."""
    input:
        readings=networks(f"{AT_SCALE}.parquet", batch=PLAN.choosing_batches("trained")),
        cnn_readings=networks(
            f"{BY_CNN}.parquet", CNN_VARIANTS, batch=PLAN.choosing_batches("cnns")
        ),
    output:
        choice="<work>/choice.csv",
        quoted="<work>/quoted.csv",
    log:
        "<logs>/choose/all.log",
    params:
        trigger_columns=column_types("stored_choice", "quoted_networks"),
        rule=as_dict(SETTINGS.choice),
        methods=METHODS,
        seed=SETTINGS.seed,
    script:
        "../scripts/choose.py"


rule gather:
    """Gather what all jobs measured into the result tables."""
    input:
        readings=[f"{path}.parquet" for path in READ],
        cnn_readings=[f"{path}.parquet" for path in CNNS_BESIDE],
        sweeps=networks(f"{SWEPT}.csv", recording=list(RECORDINGS)),
        layers=[
            *[f"{path}.layers.csv" for path in READ],
            *networks(f"{SWEPT}.layers.csv", recording=list(RECORDINGS)),
        ],
        curves=networks("<work>/training/{variant}/seed-{seed}/curve.csv", sorted(PLAN.variants)),
        frames_rows=networks(FRAMES_ROW, PLAN.cnns) if PLAN.is_tutorial else [],
        chosen="<work>/choice.csv",
        index="<work>/frames/index.csv",
    output:
        **{name: table(name) for name in GATHERED},
    log:
        "<logs>/gather/all.log",
    params:
        trigger_columns=column_types(*GATHERED),
        power=as_dict(SETTINGS.power),
        step_ms=SETTINGS.inference.step_ms,
        source=SETTINGS.data.source,
        classes=CLASSES.names,
        scales={name: PLAN.scales_of(name) for name in VARIANTS},
        methods={name: METHODS[name] for name in [*VARIANTS, *GUESTS]},
        cnns={name: PLAN.cnn_of(name) for name in VARIANTS},
        given=PLAN.given + GUESTS,
        guests={name: as_dict(PLAN.guests[name]) for name in GUESTS},
    script:
        "../scripts/gather.py"


rule compare_points:
    """Compare the points of all networks: the front, equal accuracy, budgets, published figures."""
    input:
        readings=[f"{path}.parquet" for path in READ],
        stops=[f"{path}.stops.csv" for path in READ],
        cnn_readings=[f"{path}.parquet" for path in CNNS],
        evaluation="<results>/tables/evaluation.csv",
        recordings="<results>/tables/recordings.csv",
        layers="<results>/tables/layers.csv",
        choice="<work>/choice.csv",
        published=shipped("workflow/data/published.tsv"),
    output:
        **{name: table(name) for name in COMPARED},
    log:
        "<logs>/compare_points/all.log",
    params:
        trigger_columns=column_types(*COMPARED),
        power=as_dict(SETTINGS.power),
        methods=METHODS,
        source=SETTINGS.data.source,
        network=SETTINGS.model.name,
        seed=SETTINGS.seed,
    script:
        "../scripts/compare_points.py"


rule energy:
    """Price both sides by the same prices, and list what operations cost on chips."""
    input:
        points="<results>/tables/points.csv",
        equal_accuracy="<results>/tables/equal_accuracy.csv",
        network="<results>/tables/network.csv",
        stop_layers=[f"{path}.stop-layers.csv" for path in [*TRAINED, *CNNS]],
        prices=shipped("workflow/data/energy_models.tsv"),
        published_chips=shipped("workflow/data/chips.tsv"),
    output:
        **{name: table(name) for name in PRICED},
    log:
        "<logs>/energy/all.log",
    params:
        trigger_columns=column_types(*PRICED, "stop_layers", "energy_models"),
        power=as_dict(SETTINGS.power),
    script:
        "../scripts/energy.py"


rule runtimes:
    """Gather the seconds and memory of all heavy jobs."""
    input:
        index="<work>/frames/index.csv",
        training="<results>/tables/training.csv",
        trigger_after=[f"<results>/tables/{name}.csv" for name in TIMED if name in TABLES],
    output:
        table="<results>/tables/runtimes.csv",
    log:
        "<logs>/runtimes/all.log",
    params:
        trigger_columns=column_types("runtimes"),
        benchmarks=f"results/{STUDY}/work/benchmarks",
        on_frames=[name for name in sorted(PLAN.variants) if not PLAN.variants[name].through_time],
    script:
        "../scripts/runtimes.py"
