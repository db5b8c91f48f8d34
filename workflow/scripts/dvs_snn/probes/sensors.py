"""Changes of the simulated sensor, one at a time, and the recordings of a changed sensor."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.recording import silent_recording
from dvs_snn.recordings.store.event_store import StoredRecording
from dvs_snn.simulation.symbols import Symbols
from dvs_snn.simulation.takes import Take, nominal_sensor, nominal_take

NOMINAL_CONDITION = ("nominal", "none")

_THRESHOLDS = ("threshold_on", "threshold_off")
_NOISE = ("leak_hz", "shot_noise_hz", "hot_hz")
FACTORS: dict[tuple[str, str], tuple[dict[str, float], dict[str, float]]] = {
    NOMINAL_CONDITION: ({}, {}),
    ("threshold", "doubled"): (dict.fromkeys(_THRESHOLDS, 2), {}),
    ("threshold", "halved"): (dict.fromkeys(_THRESHOLDS, 0.5), {}),
    ("mismatch", "off"): ({"mismatch": 0}, {}),
    ("mismatch", "doubled"): ({"mismatch": 2}, {}),
    ("noise", "off"): (dict.fromkeys(_NOISE, 0), {}),
    ("noise", "doubled"): (dict.fromkeys(_NOISE, 2), {}),
    # Flicker of the backlight, and of a picture that moves by jumps at each refresh. Monitor pixels
    # with half the response time soften the jumps less. Without refresh the digit moves smoothly.
    ("flicker", "off"): ({}, {"flicker_depth": 0, "refresh_hz": 0}),
    ("flicker", "doubled"): ({}, {"flicker_depth": 2, "response_ms": 0.5}),
    # A cutoff of 0 is infinitely fast.
    ("bandwidth", "off"): ({"cutoff_hz": 0}, {}),
    ("bandwidth", "doubled"): ({"cutoff_hz": 2}, {}),
    ("bandwidth", "halved"): ({"cutoff_hz": 0.5}, {}),
}
"""(part, change) -> factors on the sensor's values and on the scene's; 0 switches off."""

CONDITIONS = tuple(FACTORS)
"""(part, change) of every condition, the nominal one first."""


def with_factors(
    simulation: Mapping[str, Any],
    scene: str,
    on_sensor: Mapping[str, float],
    on_scene: Mapping[str, float],
) -> dict[str, Any]:
    """Return the simulation's settings with some values of a scene and of its sensor changed.

    All numbers of a list or a mapping change by one factor. What isn't set stays so.
    """
    changed = copy.deepcopy(dict(simulation))
    own = changed["scenes"][scene]
    for section, factors in ((changed["sensors"][own["sensor"]], on_sensor), (own, on_scene)):
        for key in factors.keys() & section.keys():
            section[key] = _times(section[key], factors[key])
    return changed


def _times(value: Any, factor: float) -> Any:
    if isinstance(value, Mapping):
        return {key: _times(inner, factor) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_times(inner, factor) for inner in value]
    return value * factor


def distinct_settings(
    simulation: Mapping[str, Any], scene: str
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the simulation's settings under each (part, change), the nominal one first.

    Conditions that equal the nominal one are left out: there a part is off already.
    """
    made = {}
    for condition, (on_sensor, on_scene) in FACTORS.items():
        # Without a refresh the response time of the monitor's pixels has no effect.
        if not simulation["scenes"][scene].get("refresh_hz"):
            on_scene = {key: on_scene[key] for key in on_scene if key != "response_ms"}
        made[condition] = with_factors(simulation, scene, on_sensor, on_scene)
    nominal = made[NOMINAL_CONDITION]
    return {c: own for c, own in made.items() if c == NOMINAL_CONDITION or own != nominal}


def recordings_of(
    takes: Sequence[Take], symbols: Symbols, simulation: dict[str, Any], seed: int
) -> Iterator[StoredRecording]:
    """Yield what the nominal sensor of these settings records of takes of one scene.

    If the sensor sends no event, the recording is empty over its whole length.
    """
    scene = takes[0].scene
    settings = simulation["scenes"][scene]
    sensor, where = nominal_sensor(simulation, scene, seed), placement_of(settings)
    for take in takes:
        try:
            raw = nominal_take(take, symbols, simulation, sensor, seed)
        except StudyError:  # not a single event: a result here, no mistake
            raw = silent_recording(settings["sensor_size"], settings["duration_s"])
        yield StoredRecording(take.name, take.symbol, take.label, scene, "", raw, where)
