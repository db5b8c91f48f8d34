"""What probes read, files and settings by the fields of their jobs, and which there are."""

from dvs_snn.probes.probe_modules import KINDS as PROBE_KINDS
from dvs_snn.probes.probe_modules import arguments, probes_of

MEASURED = "<work>/probes/{probe}/{variant}/seed-{seed}.csv"
MADE = {
    "events": "<work>/probes/{probe}/events.npy",
    "recordings": "<work>/probes/{probe}/events.csv",
}
# What probes may read, by the fields of their jobs.
PROBE_FILES = {
    "network": CONVERTED,
    "spiking": CONVERTED,
    "cnn": of_cnn(WEIGHTS),
    "choice": "<work>/choice.csv",
}
PROBE_SETTINGS = {
    "inference": as_dict(SETTINGS.inference),
    "frames": as_dict(SETTINGS.frames),
    "study_seed": SETTINGS.seed,
}
if PLAN.test_sets:
    PROBE_FILES |= {
        "test_events": expand(EVENTS, set=PLAN.test_sets),
        "test_tables": expand(EVENTS_TABLE, set=PLAN.test_sets),
    }
    PROBE_SETTINGS |= {
        "test_sets": placed_sets(PLAN.test_sets),
        "ablated": SETTINGS.ablation.recordings,
    }
if PLAN.is_simulated:
    PROBE_FILES["symbols"] = "<work>/recordings/symbols.npz"
    PROBE_SETTINGS |= {
        "placements": SETS[VALIDATION].scenes,
        "mnist_dvs": as_dict(SETTINGS.simulation.of_scenes("mnist-dvs")),
    }
if SETTINGS.simulation.sensitivity.symbols:
    PROBE_SETTINGS["shown_per_digit"] = SETTINGS.simulation.sensitivity.symbols
# Names of these blocks, which some studies skip: a probe that reads them isn't misspelt.
ELSEWHERE = ["test_events", "test_tables", "test_sets", "ablated", "symbols", "placements"]
ELSEWHERE += ["mnist_dvs", "shown_per_digit"]
PROBES = checked(probes_of, [*PROBE_FILES, *PROBE_SETTINGS], ELSEWHERE)
RECORDING = [name for name in PROBES if arguments(name, "record")]


def probe_files(function):
    """The files that a function of the probe {probe} reads, by name."""

    def of_probe(wildcards):
        taken = arguments(wildcards.probe, function)
        files = {name: file for name, file in PROBE_FILES.items() if name in taken}
        files |= MADE if function == "measure" and wildcards.probe in RECORDING else {}
        return {name: file(wildcards) if callable(file) else file for name, file in files.items()}

    return of_probe


def probe_settings(function):
    """The settings that a function of the probe {probe} reads, by name."""

    def of_probe(wildcards):
        taken = arguments(wildcards.probe, function)
        return {name: value for name, value in PROBE_SETTINGS.items() if name in taken}

    return of_probe


def probe_code(script, function):
    """The code of a script that runs the probe {probe}, with the engine if it runs networks."""

    def of_probe(wildcards):
        engine = [ENGINE_MODULE] if "spiking" in arguments(wildcards.probe, function) else []
        return code_of(script, module_of(PROBE_KINDS, wildcards.probe), *engine)

    return of_probe
