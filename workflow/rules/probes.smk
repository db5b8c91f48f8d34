"""Probes: one thing is changed at a time, and what that moves is measured.

dvs_snn/probes/probe_modules.py says what a probe is; probing.smk, what probes read.

Inputs: networks/, choice.csv, events/, recordings/symbols.npz.
Outputs: probes/<probe>/, tables/probes.csv; exports/<variant>/seed-<seed>/, the networks for other
programs.
"""


rule record_probe:
    """Make the recordings of the probe {wildcards.probe}, which all networks read."""
    input:
        unpack(probe_files("record")),
    output:
        **MADE,
    log:
        "<logs>/record_probe/{probe}.log",
    benchmark:
        "<benchmarks>/record_probe/{probe}.tsv"
    wildcard_constraints:
        probe="|".join(RECORDING) or "(?!)",
    group:
        "recordings"
    params:
        settings=probe_settings("record"),
        trigger_code=probe_code("record_probe", "record"),
    script:
        "../scripts/record_probe.py"


rule probe:
    """Change one thing ({wildcards.probe}): variant {wildcards.variant}, seed {wildcards.seed}."""
    input:
        unpack(probe_files("measure")),
    output:
        table=MEASURED,
    log:
        "<logs>/probe/{probe}~{variant}~seed-{seed}.log",
    benchmark:
        "<benchmarks>/probe/{probe}~{variant}~seed-{seed}.tsv"
    wildcard_constraints:
        probe="|".join(PROBES) or "(?!)",
    threads: SETTINGS.inference.compute_threads
    resources:
        mem_mb=asked(max(1400, ENGINE.memory_mb + 800), "events", per_mb=1),
        runtime=asked(20, "events", per_mb=ENGINE.minutes_per_mb),
    params:
        settings=probe_settings("measure"),
        trigger_columns=column_types("probes"),
        trigger_code=probe_code("probe", "measure"),
    script:
        "../scripts/probe.py"


rule join_probes:
    """Gather what all probes measured in one table."""
    input:
        tables=[file for name in PROBES for file in networks(MEASURED, probe=name)],
    output:
        joined=table("probes"),
    log:
        "<logs>/join_probes/all.log",
    params:
        trigger_columns=column_types("probes"),
    script:
        "../scripts/join_probes.py"


if PLAN.test_sets:

    rule export:
        """Write the quoted networks of whole numbers as NIR files, with expected spikes."""
        input:
            networks=networks(CONVERTED),
            choice="<work>/choice.csv",
            events=expand(EVENTS, set=PLAN.test_sets[0])[0],
            recorded=expand(EVENTS_TABLE, set=PLAN.test_sets[0])[0],
        output:
            folder=directory("<results>/exports"),
        log:
            "<logs>/export/all.log",
        params:
            names=[f"{variant}~{seed}" for variant in VARIANTS for seed in SEEDS],
            placements=SETS[PLAN.test_sets[0]].scenes,
            recordings=3,
            classes=CLASSES.names,
            step_ms=SETTINGS.inference.step_ms,
        script:
            "../scripts/export.py"
