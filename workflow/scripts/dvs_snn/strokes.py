"""Moving pen strokes that stand in for recordings in the smoke run. No sensor is modelled.

Digits are drawn as polylines, bent a little for every symbol, and moved along a closed curve. A
pixel that the stroke newly covers sends an ON event, one that it leaves an OFF event: enough to
drive every stage of the study without data, and nothing more.
"""

import numpy as np

from dvs_snn.errors import StudyError
from dvs_snn.events import EVENT_DTYPE, EventRecording
from dvs_snn.randomness import generator

SENSOR_SIZE = (64, 64)
DURATION_MS = 200
SYMBOLS_PER_DIGIT = 24

# Corners of the strokes in a unit square, x right and y down.
_CORNERS: dict[int, list[tuple[float, float]]] = {
    0: [(0.5, 0), (0.85, 0.15), (0.9, 0.5), (0.85, 0.85), (0.5, 1), (0.15, 0.85), (0.1, 0.5),
        (0.15, 0.15), (0.5, 0)],
    1: [(0.3, 0.2), (0.55, 0), (0.55, 1)],
    2: [(0.1, 0.2), (0.3, 0), (0.75, 0.05), (0.85, 0.3), (0.1, 1), (0.9, 1)],
    3: [(0.1, 0.1), (0.5, 0), (0.85, 0.2), (0.45, 0.48), (0.9, 0.75), (0.5, 1), (0.1, 0.9)],
    4: [(0.7, 1), (0.7, 0), (0.1, 0.65), (0.95, 0.65)],
    5: [(0.85, 0), (0.2, 0), (0.15, 0.45), (0.65, 0.4), (0.9, 0.7), (0.6, 1), (0.1, 0.92)],
    6: [(0.75, 0), (0.3, 0.3), (0.12, 0.7), (0.4, 1), (0.8, 0.9), (0.82, 0.62), (0.5, 0.5),
        (0.15, 0.65)],
    7: [(0.1, 0), (0.9, 0), (0.45, 1)],
    8: [(0.5, 0.48), (0.15, 0.25), (0.5, 0), (0.85, 0.25), (0.5, 0.48), (0.1, 0.75), (0.5, 1),
        (0.9, 0.75), (0.5, 0.48)],
    9: [(0.85, 0.35), (0.5, 0.5), (0.15, 0.3), (0.45, 0), (0.85, 0.15), (0.85, 0.4), (0.6, 1)],
}  # fmt: skip


def symbol_names() -> list[tuple[int, str]]:
    """Return (digit, symbol) of every symbol there is, e.g. ``(3, "3/0007")``."""
    return [
        (digit, f"{digit}/{index:04d}") for digit in _CORNERS for index in range(SYMBOLS_PER_DIGIT)
    ]


def _outline(digit: int, rng: np.random.Generator) -> np.ndarray:
    """Return points (n, 2) along the symbol's strokes, in pixels about its centre."""
    corners = np.array(_CORNERS[digit]) + rng.normal(0, 0.03, (len(_CORNERS[digit]), 2))
    along = np.linspace(0, len(corners) - 1, 40 * (len(corners) - 1))
    index = np.arange(len(corners))
    points = np.stack([np.interp(along, index, corners[:, axis]) for axis in (0, 1)], axis=1)
    turn = rng.normal(0, 0.12)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    size = rng.uniform(24, 32, size=2) * np.array([0.75, 1.0])
    return (points - 0.5) * size @ rotation.T


def stroke_recording(seed: int, symbol: str, take: int = 0) -> EventRecording:
    """Make the recording of a symbol: a function of (seed, symbol, take) alone.

    Args:
        symbol: ``<digit>/<number>`` as `symbol_names` gives it.
        take: another number moves the same symbol along another curve.

    Raises:
        StudyError: no such symbol.
    """
    digits = {name: digit for digit, name in symbol_names()}
    if symbol not in digits:
        raise StudyError(
            f"symbol {symbol!r} is not one of the strokes; expected <digit>/<number> from "
            f"0/0000 to 9/{SYMBOLS_PER_DIGIT - 1:04d}, or <digit>/test-<k>."
        )
    outline = _outline(digits[symbol], generator(seed, "symbol", symbol))
    rng = generator(seed, "movement", symbol, take)
    phase, centre = rng.uniform(0, 2 * np.pi), rng.uniform(-3, 3, size=2) + 32
    radius, period_ms = rng.uniform(4, 7, size=2), rng.uniform(180, 260)
    covered_before: np.ndarray | None = None
    parts = []
    for ms in range(DURATION_MS):
        angle = phase + 2 * np.pi * ms / period_ms
        shift = centre + radius * np.array([np.cos(angle), np.sin(angle)])
        column, row = np.floor(outline + shift).astype(np.int64).T
        covered = np.zeros((64, 64), dtype=bool)
        for dy, dx in ((0, 0), (0, 1), (1, 0), (1, 1)):
            covered[np.clip(row + dy, 0, 63), np.clip(column + dx, 0, 63)] = True
        if covered_before is not None:
            y, x = np.nonzero(covered ^ covered_before)
            part = np.zeros(len(x), dtype=EVENT_DTYPE)
            part["x"], part["y"], part["p"] = x, y, covered[y, x]
            part["t"] = np.sort(rng.integers(0, 1000, len(x))) + ms * 1000
            parts.append(part)
        covered_before = covered
    return EventRecording(np.concatenate(parts), SENSOR_SIZE)
