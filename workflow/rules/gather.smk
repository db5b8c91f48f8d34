"""Result tables, from what all jobs measured.

Inputs: evaluation/, inference/, training/, benchmark files, workflow/data/published.tsv.
Outputs: tables/*.csv.
"""

SWEEP_PATTERN = "<results>/inference/{variant}/seed-{seed}/{recording}"
SCALE_NAMES = [scale_name(scale) for scale in SCALES]
SET_KEYS = {"set": SETS, "scale": SCALE_NAMES}


rule choose:
    """Choose the operating point on validation recordings."""
    input:
        outcomes=networks(
            f"{EVALUATED}.csv",
            set=[name for name in VALIDATION_SETS if name in SETS],
            scale=SCALE_NAMES,
        ),
        code=code_of("choose"),
    output:
        choice="<results>/choice.csv",
    log:
        "<logs>/choose/all.log",
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=asked(400, "outcomes", per_mb=4),
        runtime=asked(10, "outcomes", each=0.01),
    params:
        rule=config["choice"]["rule"],
        within=config["choice"]["within"],
        step_ms=config["inference"]["step_ms"],
        seed=config["seed"],
    script:
        "../scripts/choose.py"


rule gather:
    """Gather what all jobs measured into the result tables."""
    input:
        outcomes=networks(f"{EVALUATED}.csv", **SET_KEYS),
        set_layers=networks(f"{EVALUATED}.layers.csv", **SET_KEYS),
        sweeps=networks(f"{SWEEP_PATTERN}.csv", recording=list(RECORDINGS)),
        sweep_layers=networks(f"{SWEEP_PATTERN}.layers.csv", recording=list(RECORDINGS)),
        curves=networks("<results>/training/{variant}/seed-{seed}/curve.csv"),
        frames_rows=(
            networks("<results>/evaluation/frames/{variant}/seed-{seed}.csv")
            if IS_TUTORIAL
            else []
        ),
        choice="<results>/choice.csv",
        published=shipped("workflow/data/published.tsv"),
        code=code_of("gather"),
    output:
        **{
            name: report(
                f"<results>/tables/{name}.csv",
                caption="../report/tables.rst",
                category="4 Tables",
                labels={"table": name},
            )
            for name in GATHERED
        },
    log:
        "<logs>/gather/all.log",
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=asked(400, "outcomes", per_mb=4),
        runtime=asked(10, "outcomes", each=0.01),
    params:
        kinds=[
            "outcomes",
            "set_layers",
            "sweeps",
            "sweep_layers",
            "curves",
            "frames_rows",
        ],
        settings=fixed(
            {
                "energy_per_synop_pj": config["power"]["energy_per_synop_pj"],
                "static_power_mw": config["power"]["static_power_mw"],
                "step_ms": config["inference"]["step_ms"],
                "source": DATA["source"],
                "network": config["model"]["name"],
                "scales": SCALES,
                "variants": VARIANTS,
            }
        ),
    script:
        "../scripts/gather.py"


rule runtimes:
    """Gather the seconds and memory of all heavy jobs."""
    input:
        benchmarks=[
            *data_benchmarks(),
            *(["<benchmarks>/verify/all.tsv"] if VERIFIED_SET else []),
            *expand("<benchmarks>/bin_set/{set}.tsv", set=SETS),
            *networks("<benchmarks>/train/{variant}~seed-{seed}.tsv"),
            *networks(
                "<benchmarks>/evaluate_ann/{set}~{variant}~seed-{seed}.tsv", set=SETS
            ),
            *networks(
                "<benchmarks>/infer/{variant}~seed-{seed}~{recording}.tsv",
                recording=list(RECORDINGS),
            ),
            *(
                networks(
                    "<benchmarks>/evaluate/{variant}~seed-{seed}~scale-{scale}.tsv",
                    scale=SCALE_NAMES,
                )
                if STUDY_SETS
                else []
            ),
            *networks(
                "<benchmarks>/evaluate_set/{set}~{variant}~seed-{seed}~scale-{scale}.tsv",
                set=ADDED_SETS,
                scale=SCALE_NAMES,
            ),
        ],
        index="<results>/frames/index.csv",
        training="<results>/tables/training.csv",
        code=code_of("runtimes"),
    output:
        "<results>/tables/runtimes.csv",
    log:
        "<logs>/runtimes/all.log",
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=asked(300),
        runtime=asked(10),
    script:
        "../scripts/runtimes.py"
