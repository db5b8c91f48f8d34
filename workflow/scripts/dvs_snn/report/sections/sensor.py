"""The simulated sensor and its scenes: the values in force."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from dvs_snn.report.cells import is_known
from dvs_snn.report.study import FinishedStudy
from dvs_snn.report.text import NBSP, NOTHING, from_to, listed, setting

SCENES = {
    "mnist-dvs": "bright digits on a monitor in slow motion along a closed curve, as in MNIST-DVS "
    "(Serrano-Gotarredona and Linares-Barranco 2015)",
    "saccades": "three quick movements of the sensor before a monitor, as in N-MNIST "
    "(Orchard et al. 2015)",
    "paper": "a dark digit on bright paper, held by hand: the recordings A, B and C",
}
LEFT_OUT = (
    "latency jitter",
    "photon noise before the low-pass",
    "crosstalk between pixels",
    "a bus that serves rows",
    "lens distortion",
    "temperature",
)
UNTOLD = ("rotate", "flip", "corners_px")
"""Settings of a scene that the page doesn't show."""


def context(study: FinishedStudy) -> dict[str, Any] | None:
    """The scenes, and tables of the values in force; None where nothing is simulated."""
    if not study.simulation:
        return None
    sensors, scenes = study.simulation.sensors, study.simulation.scenes
    used_by = {
        name: [scene for scene, settings in scenes.items() if settings.sensor == name]
        for name in sensors
    }
    return {
        "scenes": [{"name": name, "text": SCENES[name]} for name in scenes],
        "sensors": [
            {"name": name, "scenes": listed(used)} for name, used in used_by.items() if used
        ],
        "parts": _rows(sensors, "part", zero="off"),
        "looks": _rows(scenes, "scene"),
        "left_out": listed(LEFT_OUT),
    }


def _rows(sections: Mapping[str, Any], heading: str, zero: str = "0") -> list[dict[str, str]]:
    """A row for each setting, in its own words, with its value in each of the sections."""
    known = {each.name: each.default for section in sections.values() for each in fields(section)}
    rows = []
    for key, about in known.items():
        if key not in UNTOLD:
            unit = (about.json_schema_extra or {}).get("unit", "")
            values = {name: getattr(section, key, None) for name, section in sections.items()}
            cells = {name: zero if x == 0 else _value(key, x) for name, x in values.items()}
            rows.append({heading: about.description, "unit": unit} | cells)
    return rows


def _value(key: str, value: Any) -> str:
    """A setting in one cell: `128 × 128`, `scale 4: 1.1; scale 8: 2.2`, `0.008 to 0.08; ...`."""
    if isinstance(value, Mapping):
        return "; ".join(
            f"scale{NBSP}{int(name[-2:])}:{NBSP}{_value(key, inner)}"
            for name, inner in value.items()
        )
    if isinstance(value, tuple):
        if key == "windows_s":
            return "; ".join(from_to(setting(low), setting(high)) for low, high in value)
        between = ", " if key == "scales" else f"{NBSP}×{NBSP}"
        return between.join(setting(inner) for inner in value)
    if not is_known(value):
        return NOTHING
    return setting(value) if isinstance(value, int | float) else value
