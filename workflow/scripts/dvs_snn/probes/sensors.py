"""Changes of the simulated sensor, one at a time, and the recordings of a changed sensor."""

from collections.abc import Iterator, Sequence

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.recording import silent_recording
from dvs_snn.recordings.store.event_store import StoredRecording
from dvs_snn.settings.simulation_settings import SceneSettings
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


def distinct_settings(settings: SceneSettings, scene: str) -> dict[tuple[str, str], SceneSettings]:
    """Return the settings of the simulation under each (part, change), the nominal one first.

    Conditions that equal the nominal one are left out: there a part is off already.
    """
    # Without a refresh the response time of the monitor's spots has no effect.
    has_refresh = getattr(settings.scenes[scene], "refresh_hz", 0)
    unused = () if has_refresh else ("refresh_hz", "response_ms")
    made = {}
    for condition, (on_sensor, on_scene) in FACTORS.items():
        known = {key: factor for key, factor in on_scene.items() if key not in unused}
        made[condition] = settings.with_factors(scene, on_sensor, known)
    nominal = made.pop(NOMINAL_CONDITION)
    return {NOMINAL_CONDITION: nominal} | {c: made[c] for c in made if made[c] != nominal}


def recordings_of(
    takes: Sequence[Take], symbols: Symbols, settings: SceneSettings, seed: int
) -> Iterator[StoredRecording]:
    """Yield what the nominal sensor of these settings records of takes of one scene.

    If the sensor sends no event, the recording is empty over its whole length.
    """
    name = takes[0].scene
    scene, sensor = settings.scenes[name], nominal_sensor(settings, name, seed)
    for take in takes:
        try:
            raw = nominal_take(take, symbols, settings, sensor, seed)
        except StudyError:  # not a single event: a result here, no mistake
            raw = silent_recording(scene.sensor_size, scene.longest_s)
        placement = placement_of(scene)
        yield StoredRecording(take.name, take.symbol, take.label, name, "", raw, placement)
