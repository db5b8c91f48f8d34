"""Changes of the simulated sensor, one at a time, and the recordings of a changed sensor."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.recording import silent_recording
from dvs_snn.recordings.store.event_store import StoredRecording
from dvs_snn.settings.simulation_settings import SceneSettings
from dvs_snn.simulation.drawn_symbols import Symbols
from dvs_snn.simulation.takes import Take, nominal_sensor, nominal_take

Condition = tuple[str, str]
"""Which part of the sensor or of what it sees is changed, and how."""

NOMINAL_CONDITION: Condition = ("nominal", "none")


@dataclass(frozen=True)
class Factors:
    """Factors on values of the sensor and of the scene, by their keys; 0 switches off."""

    on_sensor: dict[str, float] = field(default_factory=dict)
    on_scene: dict[str, float] = field(default_factory=dict)


_THRESHOLDS = ("threshold_on", "threshold_off")
_NOISE = ("leak_hz", "shot_noise_hz", "hot_hz")
FACTORS: dict[Condition, Factors] = {
    NOMINAL_CONDITION: Factors(),
    ("threshold", "doubled"): Factors(dict.fromkeys(_THRESHOLDS, 2)),
    ("threshold", "halved"): Factors(dict.fromkeys(_THRESHOLDS, 0.5)),
    ("mismatch", "off"): Factors({"mismatch": 0}),
    ("mismatch", "doubled"): Factors({"mismatch": 2}),
    ("noise", "off"): Factors(dict.fromkeys(_NOISE, 0)),
    ("noise", "doubled"): Factors(dict.fromkeys(_NOISE, 2)),
    # Flicker of the backlight, and of a picture that moves by jumps at each refresh. Monitor pixels
    # with half the response time soften the jumps less. Without refresh the digit moves smoothly.
    ("flicker", "off"): Factors(on_scene={"flicker_depth": 0, "refresh_hz": 0}),
    ("flicker", "doubled"): Factors(on_scene={"flicker_depth": 2, "response_ms": 0.5}),
    # A cutoff of 0 is infinitely fast.
    ("bandwidth", "off"): Factors({"cutoff_hz": 0}),
    ("bandwidth", "doubled"): Factors({"cutoff_hz": 2}),
    ("bandwidth", "halved"): Factors({"cutoff_hz": 0.5}),
}
"""What each condition changes, the nominal one first."""

CONDITIONS = tuple(FACTORS)


def _times(section: Any, factors: Mapping[str, float]) -> Any:
    """Return a section with some numbers times factors, which may leave the bounds of a setting."""
    changed = copy.copy(section)
    for name, factor in factors.items():
        object.__setattr__(changed, name, getattr(section, name) * factor)
    return changed


def with_factors(settings: SceneSettings, scene: str, factors: Factors) -> SceneSettings:
    """Return the settings with some numbers of a scene and of its sensor times factors."""
    name = settings.scenes[scene].sensor
    scenes = {**settings.scenes, scene: _times(settings.scenes[scene], factors.on_scene)}
    sensors = {**settings.sensors, name: _times(settings.sensors[name], factors.on_sensor)}
    return SceneSettings(scenes, sensors, settings.training)


def distinct_settings(settings: SceneSettings, scene: str) -> dict[Condition, SceneSettings]:
    """Return the settings of the simulation under each condition, the nominal one first.

    Conditions that equal the nominal one are left out: there a part is off already.
    """
    # Without a refresh the response time of the monitor's spots has no effect.
    has_refresh = getattr(settings.scenes[scene], "refresh_hz", 0)
    unused = () if has_refresh else ("refresh_hz", "response_ms")
    nominal = with_factors(settings, scene, Factors())
    distinct = {NOMINAL_CONDITION: nominal}
    for condition, factors in FACTORS.items():
        on_scene = {key: n for key, n in factors.on_scene.items() if key not in unused}
        changed = with_factors(settings, scene, Factors(factors.on_sensor, on_scene))
        if changed != nominal:
            distinct[condition] = changed
    return distinct


def recordings_of(
    takes: Sequence[Take], symbols: Symbols, settings: SceneSettings, seed: int
) -> Iterator[StoredRecording]:
    """Yield what the nominal sensor of these settings records of takes of one scene.

    If the sensor sends no event, the recording is empty over its whole length.
    """
    name = takes[0].scene
    scene = settings.scenes[name]
    sensor = nominal_sensor(settings, name, seed)
    placement = placement_of(scene)
    for take in takes:
        try:
            raw = nominal_take(take, symbols, settings, sensor, seed)
        except StudyError:  # not a single event: a result here, no mistake
            raw = silent_recording(scene.sensor_size, scene.longest_s)
        yield StoredRecording(
            recording=take.name,
            symbol=take.symbol,
            label=take.label,
            scene=name,
            sha256="",
            raw=raw,
            placement=placement,
        )
