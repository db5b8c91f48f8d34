"""Result tables, from what all jobs measured.

Inputs: evaluation/, inference/, training/ and benchmarks/ of work/, workflow/data/published.tsv,
workflow/data/chips.tsv.
Outputs: work/choice.csv, tables/*.csv.
"""

CHIPS = shipped("workflow/data/chips.tsv")
ENERGY = {
    "energy_per_synop_pj": SETTINGS.power.energy_per_synop_pj,
    "static_power_mw": SETTINGS.power.static_power_mw,
}
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
        methods=dict(sorted(PLAN.methods.items())),
        seed=SETTINGS.seed,
    script:
        "../scripts/choose.py"


rule gather:
    """Gather what all jobs measured into the result tables."""
    input:
        readings=[f"{path}.parquet" for path in READ],
        stops=[f"{path}.stops.csv" for path in READ],
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
        published=shipped("workflow/data/published.tsv"),
    output:
        **{name: table(name) for name in GATHERED},
    log:
        "<logs>/gather/all.log",
    params:
        trigger_columns=column_types(*GATHERED),
        energy=ENERGY,
        step_ms=SETTINGS.inference.step_ms,
        source=SETTINGS.data.source,
        classes=CLASSES.names,
        network=SETTINGS.model.name,
        scales={name: PLAN.scales_of(name) for name in VARIANTS},
        methods={name: PLAN.methods[name] for name in VARIANTS} | dict.fromkeys(GUESTS, NIR),
        cnns={name: PLAN.cnn_of(name) for name in VARIANTS},
        given=PLAN.given + GUESTS,
        guests={name: as_dict(PLAN.guests[name]) for name in GUESTS},
    script:
        "../scripts/gather.py"


rule compare_methods:
    """Compare all methods: budgets, the front, and factors to rescaling."""
    input:
        readings=[f"{path}.parquet" for path in TRAINED],
        cnn_readings=[f"{path}.parquet" for path in CNNS],
        evaluation="<results>/tables/evaluation.csv",
        choice="<work>/choice.csv",
        published=shipped("workflow/data/published.tsv"),
    output:
        **{name: table(name) for name in COMPARED},
    log:
        "<logs>/compare_methods/all.log",
    params:
        trigger_columns=column_types(*COMPARED),
        energy=ENERGY,
        methods=dict(sorted(PLAN.methods.items())),
        seed=SETTINGS.seed,
    script:
        "../scripts/compare_methods.py"


rule costs:
    """Set our points beside chips: energy of an operation, of a reading, price of a MAC."""
    input:
        front="<results>/tables/front.csv",
        published_chips=CHIPS,
    output:
        **{name: table(name) for name in COSTS},
    log:
        "<logs>/costs/all.log",
    params:
        trigger_columns=column_types(*COSTS),
        power=as_dict(SETTINGS.power),
    script:
        "../scripts/costs.py"


rule models:
    """Price spiking networks and CNNs by the same models of energy."""
    input:
        front="<results>/tables/front.csv",
        equal_accuracy="<results>/tables/equal_accuracy.csv",
        network="<results>/tables/network.csv",
        stop_layers=[f"{path}.stop-layers.csv" for path in [*TRAINED, *CNNS]],
        models=shipped("workflow/data/energy_models.tsv"),
    output:
        table=table("models"),
    log:
        "<logs>/models/all.log",
    params:
        trigger_columns=column_types("models", "stop_layers", "energy_models"),
    script:
        "../scripts/models.py"


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
