"""Figures, provenance and the report page.

Inputs: tables/, inference/, frames/, the recordings, workflow/report/.
Outputs: figures/*.svg, figures/<recording>/, provenance.json, config.used.yaml, report.html,
manifest.csv.
"""

# What may differ between two runs of the same study on one machine.
LEFT_OUT = {
    "tables/runtimes.csv": "timings",
    "provenance.json": "machine, commit and date",
    "benchmarks/": "timings",
}


rule plot_recording:
    """Draw recording {wildcards.recording}: ON and OFF frames, x-y-t cloud, event rate."""
    input:
        recording=recording_file,
        folders=UNPACKED,
        code=code_of("plot_recording"),
    output:
        strip=figure(
            "<results>/figures/{recording}/strip.svg",
            "strip",
            "2 Recordings",
            recording="{recording}",
            figure="frames",
        ),
        cloud=figure(
            "<results>/figures/{recording}/cloud.png",
            "cloud",
            "2 Recordings",
            recording="{recording}",
            figure="cloud",
        ),
        rate=figure(
            "<results>/figures/{recording}/rate.svg",
            "rate",
            "2 Recordings",
            recording="{recording}",
            figure="event rate",
        ),
    log:
        "<logs>/plot_recording/{recording}.log",
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=asked(500),
        runtime=asked(10),
    params:
        row=recording_row,
        from_file=from_file,
        sensor_size=DATA["sensor_size"],
    script:
        "../scripts/plot_recording.py"


rule plot_raster:
    """Draw the output spikes of recording {wildcards.recording} at the quoted scale."""
    input:
        sweep=expand(
            f"{SWEEP_PATTERN}.npz",
            variant=VARIANTS[:1],
            seed=SEEDS[:1],
            allow_missing=True,
        ),
        recordings="<results>/tables/recordings.csv",
        code=code_of("plot_raster"),
    output:
        raster=figure(
            "<results>/figures/{recording}/raster.svg",
            "raster",
            "2 Recordings",
            recording="{recording}",
            figure="output spikes",
        ),
    log:
        "<logs>/plot_raster/{recording}.log",
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=asked(500),
        runtime=asked(10),
    params:
        row=recording_row,
        variant=VARIANTS[0],
        seed=SEEDS[0],
    script:
        "../scripts/plot_raster.py"


rule plot_frames:
    """Draw a grid of training frames with their labels."""
    input:
        frames="<results>/frames/frames.npy",
        index="<results>/frames/index.csv",
        code=code_of("plot_frames"),
    output:
        grid=figure(
            "<results>/figures/frames.svg",
            "frames",
            "3 Training",
            figure="training frames",
        ),
    log:
        "<logs>/plot_frames/all.log",
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=asked(500),
        runtime=asked(10),
    params:
        note=DATA_NOTE.get(DATA["source"], ""),
    script:
        "../scripts/plot_frames.py"


rule plot_results:
    """Draw what the tables say: training curves, sweep, trade-off, layers, confusion."""
    input:
        evaluation="<results>/tables/evaluation.csv",
        layers="<results>/tables/layers.csv",
        training="<results>/tables/training.csv",
        predictions="<results>/tables/predictions.csv",
        published=shipped("workflow/data/published.tsv"),
        code=code_of("plot_results"),
    output:
        **{
            name: figure(
                f"<results>/figures/{name}.svg",
                name,
                "3 Training" if name == "training" else "1 Results",
                figure=name,
            )
            for name in RESULT_FIGURES
        },
    log:
        "<logs>/plot_results/all.log",
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=asked(500),
        runtime=asked(10),
    params:
        power=fixed(config["power"]),
    script:
        "../scripts/plot_results.py"


rule provenance:
    """Record code, versions, machine and data behind the results, and the config in force."""
    input:
        weights=networks("<results>/training/{variant}/seed-{seed}/weights.safetensors"),
        split=[] if IS_TUTORIAL else ["<results>/recordings/split.csv"],
        twins=["<results>/recordings/real-twins.csv"] if REAL_TWINS in SETS else [],
        sets=networks(
            f"{EVALUATED}.csv", set=list(EXTRA_SETS), scale=[scale_name(SCALES[0])]
        ),
        receipts=list(map(receipt_of, ARCHIVES)),
        code=code_of("provenance"),
    output:
        record="<results>/provenance.json",
        config="<results>/config.used.yaml",
    log:
        "<logs>/provenance/all.log",
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=asked(300),
        runtime=asked(10),
    params:
        seeds=SEEDS,
        config=json.dumps(config),
        rerun=RERUN,
    script:
        "../scripts/provenance.py"


rule report:
    """Write the self-contained report page."""
    input:
        **{name: f"<results>/tables/{name}.csv" for name in TABLES},
        **{f"plot_{name}": f"<results>/figures/{name}.svg" for name in PAGE_FIGURES},
        strip=expand(
            "<results>/figures/{recording}/strip.svg", recording=list(RECORDINGS)
        ),
        cloud=expand(
            "<results>/figures/{recording}/cloud.png", recording=list(RECORDINGS)
        ),
        rate=expand(
            "<results>/figures/{recording}/rate.svg", recording=list(RECORDINGS)
        ),
        raster=expand(
            "<results>/figures/{recording}/raster.svg", recording=list(RECORDINGS)
        ),
        provenance="<results>/provenance.json",
        config="<results>/config.used.yaml",
        index="<results>/frames/index.csv",
        split=[] if IS_TUTORIAL else ["<results>/recordings/split.csv"],
        template=shipped("workflow/report/page.html.j2"),
        benchmark=shipped("workflow/data/benchmark.csv"),
        speed=shipped("docs/benchmark.svg"),
        code=code_of("report"),
    output:
        page=report(
            "<results>/report.html",
            caption="../report/page.rst",
            category="0 Report",
            labels={"page": "the whole report"},
        ),
    log:
        "<logs>/report/all.log",
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=asked(500),
        runtime=asked(10),
    params:
        tables=TABLES,
        figures=PAGE_FIGURES,
        panels=PANELS,
        recordings=list(RECORDINGS),
    script:
        "../scripts/report.py"


rule manifest:
    """List the sha256 of every table and figure."""
    input:
        tables=[f"<results>/tables/{name}.csv" for name in TABLES if name != "runtimes"],
        figures=[
            *[f"<results>/figures/{name}.svg" for name in PAGE_FIGURES],
            *expand(
                "<results>/figures/{recording}/{panel}",
                recording=list(RECORDINGS),
                panel=PANEL_FILES,
            ),
        ],
        page="<results>/report.html",
        code=code_of("manifest"),
    output:
        manifest="<results>/manifest.csv",
    log:
        "<logs>/manifest/all.log",
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=asked(300),
        runtime=asked(10),
    params:
        left_out=list(LEFT_OUT),
        why=list(LEFT_OUT.values()),
    script:
        "../scripts/manifest.py"
