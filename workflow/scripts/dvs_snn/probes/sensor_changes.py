"""Changes of the simulated sensor, one part at a time: off, halved or doubled."""

import copy

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


def changed_settings(simulation: dict, scene: str) -> dict[tuple[str, str], dict]:
    """Return the config's `simulation` under each (part, change), the nominal one first.

    Only the scene and the sensor that it uses are changed. A part that is off already stays so:
    its settings then equal the nominal ones.
    """
    changed: dict[tuple[str, str], dict] = {}
    for condition, (on_sensor, on_scene) in FACTORS.items():
        settings = copy.deepcopy(simulation)
        own = settings["scenes"][scene]
        for section, factors in ((settings["sensors"][own["sensor"]], on_sensor), (own, on_scene)):
            for key, factor in factors.items():
                # Without a refresh the response time of the monitor's pixels has no effect.
                if key in section and not (key == "response_ms" and not section["refresh_hz"]):
                    section[key] *= factor
        changed[condition] = settings
    return changed


def distinct_settings(simulation: dict, scene: str) -> dict[tuple[str, str], dict]:
    """Return `changed_settings` without the conditions that equal the nominal one."""
    changed = changed_settings(simulation, scene)
    nominal = changed[NOMINAL_CONDITION]
    return {
        condition: own
        for condition, own in changed.items()
        if condition == NOMINAL_CONDITION or own != nominal
    }
