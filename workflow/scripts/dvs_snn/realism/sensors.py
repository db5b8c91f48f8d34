"""Changes of the simulated sensor, one at a time, and the recordings of a changed sensor."""

from collections.abc import Iterator, Sequence

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.recording import silent_recording
from dvs_snn.recordings.store.event_store import StoredRecording
from dvs_snn.settings.simulation_settings import SceneSettings
from dvs_snn.simulation.drawn_symbols import Symbols
from dvs_snn.simulation.takes import Take, nominal_sensor, nominal_take

Condition = tuple[str, str]
"""Which part of the sensor or of what it sees is changed, and how."""

_THRESHOLDS = ("threshold_on", "threshold_off")
_NOISE = ("leak_hz", "shot_noise_hz", "hot_hz")
FACTORS: dict[Condition, dict[str, float]] = {
    ("threshold", "doubled"): dict.fromkeys(_THRESHOLDS, 2.0),
    ("threshold", "halved"): dict.fromkeys(_THRESHOLDS, 0.5),
    ("mismatch", "off"): {"mismatch": 0.0},
    ("mismatch", "doubled"): {"mismatch": 2.0},
    ("noise", "off"): dict.fromkeys(_NOISE, 0.0),
    ("noise", "doubled"): dict.fromkeys(_NOISE, 2.0),
    ("flicker", "off"): {"flicker_depth": 0.0},
    ("flicker", "doubled"): {"flicker_depth": 2.0},
    # A cutoff of 0 is infinitely fast.
    ("bandwidth", "off"): {"cutoff_hz": 0.0},
    ("bandwidth", "doubled"): {"cutoff_hz": 2.0},
    ("bandwidth", "halved"): {"cutoff_hz": 0.5},
}
"""Factors on values of the sensor and of the scene under each condition."""


def changed_settings(settings: SceneSettings, scene: str) -> dict[Condition, SceneSettings]:
    """Return the settings of the simulation under each condition that changes something.

    A part that is off already stays as it is.
    """
    changed = {
        condition: settings.with_factors(scene, factors) for condition, factors in FACTORS.items()
    }
    return {condition: each for condition, each in changed.items() if each != settings}


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
