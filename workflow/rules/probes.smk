"""Probes: one thing is changed at a time, and what that moves is measured.

dvs_snn/probes/probe_modules.py says what a probe is.

Inputs: networks/, choice.csv, events/.
Outputs: probes/<probe>/, tables/probes.csv.
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
        mem_mb=asked(ENGINE.memory_mb + 500),
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
