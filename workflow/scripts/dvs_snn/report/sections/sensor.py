"""The simulated sensor and its scenes: the values in force."""

from collections.abc import Mapping
from typing import Any

from dvs_snn.report.cells import is_known
from dvs_snn.report.study import FinishedStudy
from dvs_snn.report.text import NBSP, NOTHING, from_to, listed, setting, table_html
from dvs_snn.settings.study import as_dict

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
_DVS, _V2E = "Lichtsteiner et al. 2008", "Hu et al. 2021 (v2e)"
SENSOR_PARTS = {
    "threshold_on": ("contrast of an ON event", "ln intensity", _DVS),
    "threshold_off": ("contrast of an OFF event", "ln intensity", _DVS),
    "mismatch": ("spread of the thresholds from pixel to pixel", "share", _DVS),
    "cutoff_hz": ("cutoff of the low-pass at white, lower in the dark", "Hz", _V2E),
    "refractory_us": ("time after an event in which a pixel is held", "µs", _DVS),
    "leak_hz": ("leak events (ON) of a pixel", "1/s", _V2E),
    "shot_noise_hz": ("noise events of a pixel in the dark", "1/s", _V2E),
    "hot_share": ("hot pixels", "share", "this study"),
    "hot_hz": ("events of a hot pixel (ON)", "1/s", "this study"),
    "knee": ("luminance below which the logarithm is a line", "share of white", _V2E),
    "bus_us": ("time of the bus for one event", "µs", "this study"),
}
OFF_AT_ZERO = ("mismatch", "cutoff_hz", "refractory_us", "leak_hz", "shot_noise_hz", "hot_share")
OFF_AT_ZERO += ("hot_hz", "bus_us")
SCENE_PARTS = {
    "sensor": ("sensor", ""),
    "sensor_size": ("size of the sensor", "px"),
    "duration_s": ("length of a recording", "s"),
    "step_ms": ("simulated step", "ms"),
    "scales": ("MNIST-DVS scales, in turn", ""),
    "magnification": ("sensor pixels per image pixel", "px"),
    "stroke_exponent": ("power of the grey values; below 1 thickens strokes", ""),
    "blur_px": ("blur of the optics", "px"),
    "background": ("luminance of the background", "share of white"),
    "stroke": ("luminance of a stroke", "share of white"),
    "flicker_hz": ("modulation of the backlight", "Hz"),
    "flicker_depth": ("depth of the backlight's modulation", "share"),
    "amplitude_px": ("half width and half height of the curve", "px"),
    "period_s": ("one round of the curve", "s"),
    "refresh_hz": ("pictures of the monitor", "1/s"),
    "response_ms": ("time constant of the monitor's pixels", "ms"),
    "windows_s": ("movements", "s"),
    "drift_px": ("drift (root mean square)", "px"),
    "tremor_px": ("tremor (root mean square)", "px"),
    "tilt_deg": ("turn (root mean square)", "degrees"),
    "zoom": ("network pixels per sensor pixel", "px"),
}


def context(study: FinishedStudy) -> dict[str, Any] | None:
    """The scenes, and tables of the values in force; None where nothing is simulated."""
    if not study.simulation:
        return None
    simulation = as_dict(study.simulation)
    sensors, scenes = simulation["sensors"], simulation["scenes"]
    used_by = {
        name: [scene for scene, settings in scenes.items() if settings.get("sensor") == name]
        for name in sensors
    }
    parts = [
        {"part": label, "unit": unit}
        | {name: _sensor_value(key, sensor.get(key)) for name, sensor in sensors.items()}
        | {"model after": source}
        for key, (label, unit, source) in SENSOR_PARTS.items()
    ]
    looks = [
        {"scene": label, "unit": unit}
        | {name: _scene_value(key, settings.get(key)) for name, settings in scenes.items()}
        for key, (label, unit) in SCENE_PARTS.items()
        if any(key in settings for settings in scenes.values())
    ]
    return {
        "scenes": [{"name": name, "text": SCENES[name]} for name in scenes if name in SCENES],
        "sensors": [
            {"name": name, "scenes": listed(used)} for name, used in used_by.items() if used
        ],
        "parts_table": table_html(parts, "The simulated sensors: values in force"),
        "scenes_table": table_html(looks, "The simulated scenes: values in force"),
        "left_out": listed(LEFT_OUT),
    }


def _sensor_value(key: str, value: Any) -> str:
    if not is_known(value):
        return NOTHING
    return "off" if key in OFF_AT_ZERO and float(value) == 0 else f"{float(value):g}"


def _scene_value(key: str, value: Any) -> str:
    """A setting in one cell: `128 × 128`, `scale 4: 1.1; scale 8: 2.2`, `0.008 to 0.08; ...`."""
    if isinstance(value, Mapping):
        return "; ".join(
            f"scale{NBSP}{int(name[-2:])}:{NBSP}{_scene_value(key, inner)}"
            for name, inner in value.items()
        )
    if isinstance(value, list | tuple):
        if key == "windows_s":
            return "; ".join(from_to(setting(low), setting(high)) for low, high in value)
        between = ", " if key == "scales" else f"{NBSP}×{NBSP}"
        return between.join(setting(inner) for inner in value)
    if value is None:
        return NOTHING
    return setting(value) if isinstance(value, int | float) else str(value)
