"""The engines by name: the module of each, the file that it runs, what its jobs ask for.

The workflow looks up the setting `inference.engine` here and hands jobs only the module's name. So
a new engine runs only its own jobs, and the Snakefile imports no torch. An engine's module has
`open_network`, with arguments as `interface.open_spiking`. An engine that runs a form of its own
also has `prepare`, which makes that form from a converted network.

Engines agree to the spike where sums of weights are exact in float32. Elsewhere neurons just at
their threshold may differ: see :mod:`dvs_snn.engines.verification`.
"""

from dataclasses import dataclass

from dvs_snn.files.errors import StudyError


@dataclass(frozen=True)
class Engine:
    """An engine, and what its jobs ask for.

    Attributes:
        module: its module.
        suffix: of the file that it runs: the converted network, or a form of its own.
        devices: where it can compute; the first is the default.
        memory_mb: memory of an evaluation, without its set.
        minutes_per_mb: run time of an evaluation, for each MB of a set's events.
    """

    module: str
    suffix: str
    devices: tuple[str, ...]
    memory_mb: int
    minutes_per_mb: float


CONVERTED_SUFFIX = ".safetensors"
ENGINES = {
    "event": Engine("dvs_snn.engines.event.engine", ".events.npz", ("cpu",), 500, 0.01),
    "sinabs": Engine(
        "dvs_snn.engines.sinabs", CONVERTED_SUFFIX, ("cpu", "cuda", "mps"), 1600, 0.15
    ),
}


def engine_of(name: str, device: str) -> Engine:
    """Return the engine of a name; StudyError without one, or if it can't compute on the device."""
    if name not in ENGINES:
        raise StudyError(
            f"config key inference.engine is {name!r}, expected one of {', '.join(ENGINES)}."
        )
    engine = ENGINES[name]
    if device not in engine.devices:
        others = [other for other, one in ENGINES.items() if device in one.devices]
        raise StudyError(
            f"config key inference.device is {device!r}, but inference.engine is {name!r}, which "
            f"computes on {', '.join(engine.devices)} alone; set device to {engine.devices[0]} or "
            f"engine to {' or '.join(others)}."
        )
    return engine
