"""Recordings A, B, C: one job per network and recording runs all scales.

Inputs: networks/<variant>/seed-<seed>.safetensors, the recording.
Outputs: inference/<variant>/seed-<seed>/<recording>.npz, .csv, .layers.csv.
"""


rule infer:
    """Run recording {wildcards.recording} at every scale."""
    input:
        network=SPIKING,
        cnn=of_cnn(CONVERTED),
        recording=of_recording("path"),
        folders=UNPACKED,
        code=recording_code("infer", ENGINE.module, of="readers"),
    output:
        spikes="<results>/inference/{variant}/seed-{seed}/{recording}.npz",
        outcomes="<results>/inference/{variant}/seed-{seed}/{recording}.csv",
        layers="<results>/inference/{variant}/seed-{seed}/{recording}.layers.csv",
    log:
        "<logs>/infer/{variant}~seed-{seed}~{recording}.log",
    benchmark:
        "<benchmarks>/infer/{variant}~seed-{seed}~{recording}.tsv"
    group:
        "network-{variant}-{seed}"
    conda:
        "../../environment.yml"
    threads: config["inference"]["compute_threads"]
    resources:
        mem_mb=asked(1500),
        runtime=asked(15),
        gpu=gpus("inference"),
    params:
        row=lambda wildcards: fixed(RECORDINGS[wildcards.recording].row),
        from_file=of_recording("from_file"),
        data=fixed({"time_unit": DATA["time_unit"], **placement_settings(DATA)}),
        scales=lambda wildcards: scales_of(wildcards.variant),
        engine=ENGINE.module,
        inference=fixed(config["inference"]),
        frames=fixed(config["frames"]),
    script:
        "../scripts/infer.py"
