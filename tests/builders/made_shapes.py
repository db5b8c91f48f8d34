"""Recordings of three moving shapes, in folders: classes that are no digits."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

SIDE = 64
STEP_US = 4000
N_STEPS = 75
LINE = 1.3
"""Half the width of the drawn lines, in pixels."""

SHAPES = ("circle", "square", "cross")


def drawn(shape: str, x: float, y: float, radius: float) -> np.ndarray:
    """Draw the lines of a shape about (x, y): bool (SIDE, SIDE)."""
    row, column = np.mgrid[:SIDE, :SIDE]
    dx, dy = np.abs(column - x), np.abs(row - y)
    if shape == "circle":
        return np.abs(np.hypot(dx, dy) - radius) < LINE
    if shape == "square":
        return np.abs(np.maximum(dx, dy) - 0.85 * radius) < LINE
    return ((dx < LINE) | (dy < LINE)) & (np.maximum(dx, dy) < radius)


def moved(shape: str, seed: int) -> dict[str, np.ndarray]:
    """Move a shape along a closed curve; return the arrays of an NPZ file, 0.3 s long.

    A pixel that a line enters sends an ON event, one that it leaves an OFF event; some noise is
    added.
    """
    rng = np.random.default_rng(seed)
    centre, radius = rng.uniform(28, 36, 2), rng.uniform(13, 18)
    phase = rng.uniform(0, 2 * np.pi) + np.linspace(0, 4 * np.pi, N_STEPS + 1)
    reach = rng.uniform(3, 5, 2)
    images = [
        drawn(shape, centre[0] + reach[0] * np.cos(p), centre[1] + reach[1] * np.sin(p), radius)
        for p in phase
    ]
    parts = []
    for step in range(N_STEPS):
        changed = images[step] ^ images[step + 1] | (rng.random((SIDE, SIDE)) < 5e-4)
        y, x = np.nonzero(changed)
        t = step * STEP_US + rng.integers(0, STEP_US, len(x))
        parts.append(np.stack([t, x, y, images[step + 1][y, x]]))
    t, x, y, p = np.concatenate(parts, axis=1)
    order = np.argsort(t, kind="stable")
    arrays = {"t": t[order], "x": x[order], "y": y[order], "p": p[order].astype(bool)}
    return arrays | {"sensor_size": np.array([SIDE, SIDE])}


def write_shapes(root: Path, n: int, shapes: Sequence[str] = SHAPES, seed: int = 0) -> None:
    """Write `n` recordings of each shape as ``<root>/<shape>/<number>.npz``."""
    for label, shape in enumerate(shapes):
        (root / shape).mkdir(parents=True)
        for number in range(n):
            np.savez(
                root / shape / f"{number:03d}.npz", **moved(shape, seed + 1000 * label + number)
            )
