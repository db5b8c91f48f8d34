"""Probes: one thing is changed at a time, and what that moves is measured.

dvs_snn/probes/probe_modules.py says what a probe is.

Inputs: networks/, choice.csv, events/.
Outputs: probes/<probe>/, tables/probes.csv; exports/<variant>/seed-<seed>/, the networks for other
programs.
"""

from dvs_snn.files.registry import names
from dvs_snn.probes.probe_modules import KINDS as PROBES

MEASURED = "<work>/probes/{probe}/{variant}/seed-{seed}.csv"


rule probe:
    """Change one thing ({wildcards.probe}): variant {wildcards.variant}, seed {wildcards.seed}."""
    input:
        network=CONVERTED,
        choice="<work>/choice.csv",
        events=expand(EVENTS, set=PLAN.test_sets),
        recorded=expand(EVENTS_TABLE, set=PLAN.test_sets),
    output:
        table=MEASURED,
    log:
        "<logs>/probe/{probe}~{variant}~seed-{seed}.log",
    benchmark:
        "<benchmarks>/probe/{probe}~{variant}~seed-{seed}.tsv"
    threads: SETTINGS.inference.compute_threads
    resources:
        mem_mb=asked(max(1400, ENGINE.memory_mb + 800)),
        runtime=asked(20),
    params:
        sets=placed_sets(PLAN.test_sets),
        recordings=SETTINGS.ablation.recordings,
        inference=as_dict(SETTINGS.inference),
        trigger_columns=column_types("probes"),
        trigger_code=lambda wildcards: code_of(
            "probe", module_of(PROBES, wildcards.probe), ENGINE_MODULE
        ),
    script:
        "../scripts/probe.py"


rule join_probes:
    """Gather what all probes measured in one table."""
    input:
        tables=networks(MEASURED, probe=names(PROBES)),
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
