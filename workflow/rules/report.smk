"""Figures, provenance and the report page."""

FIGURES = expand("<results>/figures/{figure}.svg", figure=PAGE_FIGURES)
PANEL_FILES = expand(
    "<results>/figures/{recording}/{file}",
    recording=RECORDINGS,
    file=["film.png", "player.json", "parts.png"],
)
# Recordings that a simulated study shows from the user's own files.
OWN_FILES = [name for name in RECORDINGS if PLAN.is_simulated and not RECORDINGS[name].data_note]
# The template, and the files that it takes in.
PAGE_PARTS = ["page.html.j2", "page.css", "page.js", "player.css", "player.js"]
PAGE_TEMPLATES = ["answer", "verdict", "table", "bibtex", "macros", "player", "reproduce", "stages"]
PAGE_TEMPLATES += ["trust"]
PAGE_PARTS += [f"{part}.html.j2" for part in PAGE_TEMPLATES]


rule plot_figure:
    """Draw {wildcards.figure}."""
    input:
        unpack(figure_tables),
    output:
        picture=report(
            "<results>/figures/{figure}.svg",
            caption="../report/figure.rst",
            category="1 Results",
            labels=lambda wildcards: {"figure": CLASSES.worded(figure_of(wildcards.figure).TITLE)},
        ),
    log:
        "<logs>/plot_figure/{figure}.log",
    wildcard_constraints:
        figure="|".join(PAGE_FIGURES),
    params:
        trigger_caption=lambda wildcards: CLASSES.worded(figure_of(wildcards.figure).CAPTION),
        settings=figure_settings,
        trigger_code=figure_code,
    script:
        "../scripts/plot_figure.py"


rule plot_recording:
    """Make what the page shows of {wildcards.recording}: a film, facts by frame, and its parts."""
    input:
        events=recording_file,
        trigger_folders=UNPACKED,
        # What each variant's first network did on it, step by step.
        sweeps=expand(
            "<work>/inference/{variant}/seed-{seed}/{recording}.npz",
            variant=VARIANTS,
            seed=SEEDS[:1],
            allow_missing=True,
        ),
        recordings="<results>/tables/recordings.csv",
        choice="<results>/tables/choice.csv",
    output:
        film=report(
            "<results>/figures/{recording}/film.png",
            caption="../report/figure.rst",
            category="2 Recordings",
            labels={"recording": "{recording}", "figure": "film of the events"},
        ),
        player="<results>/figures/{recording}/player.json",
        parts="<results>/figures/{recording}/parts.png",
    log:
        "<logs>/plot_recording/{recording}.log",
    params:
        trigger_caption="The events of the recording, frame after frame, in rows.",
        shown=shown_recording,
        classes={"names": CLASSES.names},
        trigger_code=recording_code("plot_recording"),
    script:
        "../scripts/plot_recording.py"


rule provenance:
    """Record code, versions, machine and data behind the results, and the config."""
    input:
        weights=networks("<work>/training/{variant}/seed-{seed}/weights.safetensors"),
        split=[] if PLAN.is_tutorial else ["<work>/recordings/split.csv"],
        twins=[SETS[REAL_TWINS].table] if REAL_TWINS in SETS else [],
        sets=[SETS[name].table for name in PLAN.added_sets],
        receipts=expand(RECEIPT, archive=ARCHIVES.places),
        citation=shipped("CITATION.cff"),
    output:
        record="<results>/provenance.json",
        config="<results>/config.used.yaml",
    log:
        "<logs>/provenance/all.log",
    params:
        seeds=SEEDS,
        settings=json.dumps(as_dict(SETTINGS)),
        # The command names the clone's place. As a function of `output` it isn't compared with the
        # last run's, so moving the clone runs nothing again.
        rerun=lambda wildcards, output: rerun_command(CLONE, workflow.configfiles),
    script:
        "../scripts/provenance.py"


rule report:
    """Write the self-contained report page."""
    input:
        tables=[f"<results>/tables/{name}.csv" for name in TABLES],
        figures=FIGURES,
        panels=PANEL_FILES,
        provenance="<results>/provenance.json",
        config="<results>/config.used.yaml",
        template=[shipped(f"workflow/report/{name}") for name in PAGE_PARTS],
        trigger_citations=shipped("workflow/data/citations.tsv"),
    output:
        page=report(
            "<results>/report.html",
            caption="../report/page.rst",
            category="0 Report",
            labels={"page": "the whole report"},
        ),
        # What the terminal and Snakemake's own report say first.
        headline="<results>/headline.txt",
    log:
        "<logs>/report/all.log",
    params:
        own_files=OWN_FILES,
        trigger_code=code_of("report", *[figure_of(name).__name__ for name in PAGE_FIGURES]),
    script:
        "../scripts/report.py"


rule manifest:
    """List the sha256 of every table and figure."""
    input:
        tables=[f"<results>/tables/{name}.csv" for name in TABLES if name != "runtimes"],
        figures=FIGURES + PANEL_FILES,
        page="<results>/report.html",
    output:
        manifest="<results>/manifest.csv",
    log:
        "<logs>/manifest/all.log",
    params:
        trigger_columns=column_types("manifest"),
    script:
        "../scripts/manifest.py"
