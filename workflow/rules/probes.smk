"""Probes: one thing is changed at a time, and what that moves is measured.

dvs_snn/probes/probe.py says what a probe is. Arguments of its functions name what they read.

Inputs: networks/, choice.csv, events/, recordings/symbols.npz, tables/calibration.csv.
Outputs: probes/<probe>/, tables/probes.csv; exports/<variant>/seed-<seed>/, the networks for other
programs.
"""

from dvs_snn.files.registry import module_of
from dvs_snn.probes.probe import KINDS as PROBE_KINDS
from dvs_snn.probes.probe import arguments, makes_recordings, needs_network, probes_of

MEASURED = "<results>/probes/{probe}/{variant}/seed-{seed}.csv"
MADE = {
    "events": "<results>/probes/{probe}/events.npy",
    "recordings": "<results>/probes/{probe}/events.csv",
}
# A probe without a network has one job, named as that of this network.
NO_NETWORK = {"variant": "none", "seed": 0}
# What probes may read, by the names of their arguments.
PROBE_FILES = {
    "network": CONVERTED,
    "spiking": SPIKING,
    "cnn": of_cnn(CONVERTED),
    "choice": "<results>/choice.csv",
}
PROBE_SETTINGS = {
    "inference": RUNNING,
    "window_ms": config["inference"]["window_ms"],
    "frames": config["frames"],
    "study_seed": config["seed"],
}
if PLAN.test_sets:
    PROBE_FILES |= {
        "test_events": expand(EVENTS, set=PLAN.test_sets),
        "test_tables": expand(EVENTS_TABLE, set=PLAN.test_sets),
    }
    PROBE_SETTINGS |= {
        "test_placements": {name: SETS[name].scenes for name in PLAN.test_sets},
        "ablated": config["ablation"]["recordings"],
    }
if PLAN.is_simulated:
    PROBE_FILES |= {
        "validation_events": expand(EVENTS, set=VALIDATION)[0],
        "validation_table": expand(EVENTS_TABLE, set=VALIDATION)[0],
        "symbols": "<results>/recordings/symbols.npz",
        "real": shipped("workflow/data/mnist-dvs-quantities.tsv"),
        "calibration": "<results>/tables/calibration.csv",
    }
    PROBE_SETTINGS |= {
        "placements": SETS[VALIDATION].scenes,
        "mnist_dvs": as_dict(PLAN.settings.simulation.of_scenes("mnist-dvs")),
        "both_scenes": as_dict(PLAN.settings.simulation.of_scenes("mnist-dvs", "saccades")),
        "shown_per_digit": SIMULATION["sensitivity"]["symbols"],
        "zeros": SIMULATION["profile"]["symbols"],
    }
PROBES = probes_of([*PROBE_FILES, *PROBE_SETTINGS])
OF_NETWORKS = [name for name in PROBES if needs_network(name)]
WITHOUT_NETWORK = [name for name in PROBES if name not in OF_NETWORKS]
RECORDING = [name for name in PROBES if makes_recordings(name)]


def probe_files(function):
    """The files that a function of the probe {probe} reads, by name."""

    def of_probe(wildcards):
        taken = arguments(wildcards.probe, function)
        files = {name: file for name, file in PROBE_FILES.items() if name in taken}
        files |= MADE if function == "measure" and wildcards.probe in RECORDING else {}
        return {
            name: file(wildcards) if callable(file) else file for name, file in files.items()
        }

    return of_probe


def probe_settings(function):
    """The settings that a function of the probe {probe} reads, by name; None for all others."""

    def of_name(name, value):
        return lambda wildcards: value if name in arguments(wildcards.probe, function) else None

    return {name: of_name(name, value) for name, value in PROBE_SETTINGS.items()}


def probe_code(script, *entries):
    """The code of a script that runs the probe {probe}."""
    return lambda wildcards: code_of(script, module_of(PROBE_KINDS, wildcards.probe), *entries)


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
        **probe_settings("record"),
        code=probe_code("record_probe"),
    script:
        "../scripts/record_probe.py"


rule probe:
    """Change one thing at a time ({wildcards.probe}): variant {wildcards.variant}, seed {wildcards.seed}."""
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
    threads: config["inference"]["compute_threads"]
    resources:
        mem_mb=asked(max(1400, ENGINE.memory_mb + 800), "events", per_mb=1),
        runtime=asked(20, "events", per_mb=ENGINE.minutes_per_mb),
        gpu=gpus("inference"),
    params:
        **probe_settings("measure"),
        columns=column_types("probes"),
        code=probe_code("probe", ENGINE_MODULE),
    script:
        "../scripts/probe.py"


rule join_probes:
    """Gather what all probes measured in one table."""
    input:
        tables=[
            file
            for name in PROBES
            for file in (
                networks(MEASURED, probe=name)
                if name in OF_NETWORKS
                else expand(MEASURED, probe=name, **NO_NETWORK)
            )
        ],
    output:
        joined=table("probes"),
    log:
        "<logs>/join_probes/all.log",
    params:
        columns=column_types("probes"),
        energy={key: config["power"][key] for key in ("energy_per_synop_pj", "static_power_mw")},
    script:
        "../scripts/join_probes.py"


if PLAN.test_sets:

    rule export:
        """Write the quoted networks of whole numbers as NIR files, with expected spikes."""
        input:
            networks=networks(CONVERTED),
            choice="<results>/choice.csv",
            events=expand(EVENTS, set=PLAN.test_sets[0])[0],
            table=expand(EVENTS_TABLE, set=PLAN.test_sets[0])[0],
        output:
            folder=directory("<results>/exports"),
        log:
            "<logs>/export/all.log",
        params:
            names=[f"{variant}~{seed}" for variant in VARIANTS for seed in SEEDS],
            placements=SETS[PLAN.test_sets[0]].scenes,
            recordings=3,
            classes=DATA["classes"],
            step_ms=config["inference"]["step_ms"],
        script:
            "../scripts/export.py"
