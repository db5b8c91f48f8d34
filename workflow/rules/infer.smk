"""Recordings A, B, C: one job per network and recording runs all scales."""

SWEPT = "<work>/inference/{variant}/seed-{seed}/{recording}"


rule infer:
    """Run recording {wildcards.recording} at every scale."""
    input:
        network=CONVERTED,
        cnn=lambda wildcards: [WEIGHTS] if wildcards.variant in PLAN.cnns else [],
        # A network that set out from a CNN takes the CNN's reading from the CNN's own job.
        cnn_sweep=lambda wildcards: (
            [] if wildcards.variant in PLAN.cnns else [of_cnn(f"{SWEPT}.csv")(wildcards)]
        ),
        file=recording_file,
        # Validation's readings tell in which frames the CNN reads.
        picked=lambda wildcards: expand(
            f"{BY_CNN}.parquet",
            batch=PLAN.choosing_batches("cnns") if wildcards.variant in PLAN.cnns else [],
            allow_missing=True,
        ),
        trigger_folders=UNPACKED,
    output:
        spikes=f"{SWEPT}.npz",
        sweeps=f"{SWEPT}.csv",
        layers=f"{SWEPT}.layers.csv",
    log:
        "<logs>/infer/{variant}~seed-{seed}~{recording}.log",
    benchmark:
        "<benchmarks>/infer/{variant}~seed-{seed}~{recording}.tsv"
    group:
        "network-{variant}-{seed}"
    threads: SETTINGS.inference.compute_threads
    resources:
        mem_mb=asked(1500),
    params:
        trigger_columns=column_types("sweeps", "set_layers"),
        source=lambda wildcards: dataclasses.asdict(of_recording("source")(wildcards)),
        scales=lambda wildcards: PLAN.scales_of(wildcards.variant),
        leads=sorted(SETTINGS.choice.exits),
        inference=as_dict(SETTINGS.inference),
        frames=list(map(as_dict, PLAN.cnn_frames)),
        trigger_code=recording_code("infer", ENGINE_MODULE, of="readers"),
    script:
        "../scripts/infer.py"
