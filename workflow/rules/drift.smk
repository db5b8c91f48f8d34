"""What networks read while a long recording goes on, and what helps.

Inputs: recordings/symbols.npz, networks/, choice.csv.
Outputs: tables/drift.csv.
"""


rule drift_recordings:
    """Simulate long recordings of the scene mnist-dvs in all sizes."""
    input:
        symbols="<results>/recordings/symbols.npz",
        code=code_of("drift_recordings"),
    output:
        steps="<results>/drift/steps.npy",
        table="<results>/drift/steps.csv",
    log:
        "<logs>/drift_recordings/all.log",
    benchmark:
        "<benchmarks>/drift_recordings/all.tsv"
    group:
        "recordings"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=asked(600),
        runtime=asked(60),
    params:
        simulation=scene_settings("mnist-dvs"),
        per_digit=SIMULATION["drift"]["symbols"],
        duration_s=SIMULATION["drift"]["duration_s"],
        step_ms=config["inference"]["step_ms"],
        seed=config["seed"],
    script:
        "../scripts/drift_recordings.py"


rule drift:
    """Read long recordings: variant {wildcards.variant}, seed {wildcards.seed}."""
    input:
        network=CONVERTED,
        steps="<results>/drift/steps.npy",
        table="<results>/drift/steps.csv",
        choice="<results>/choice.csv",
        code=code_of("drift"),
    output:
        table="<results>/drift/{variant}/seed-{seed}.csv",
    log:
        "<logs>/drift/{variant}~seed-{seed}.log",
    benchmark:
        "<benchmarks>/drift/{variant}~seed-{seed}.tsv"
    conda:
        "../../environment.yml"
    threads: config["inference"]["compute_threads"]
    resources:
        mem_mb=asked(1400, "steps", per_mb=3),
        runtime=asked(30, "steps", per_mb=0.2),
    params:
        method=lambda wildcards: METHODS[wildcards.variant],
        step_ms=config["inference"]["step_ms"],
        compute_threads=config["inference"]["compute_threads"],
    script:
        "../scripts/drift.py"


rule join_drift:
    """Gather what all networks read of long recordings in one table."""
    input:
        tables=networks("<results>/drift/{variant}/seed-{seed}.csv"),
        code=code_of("join_drift"),
    output:
        table=table("drift"),
    log:
        "<logs>/join_drift/all.log",
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=asked(400, "tables", per_mb=4),
        runtime=asked(10),
    script:
        "../scripts/join_drift.py"
