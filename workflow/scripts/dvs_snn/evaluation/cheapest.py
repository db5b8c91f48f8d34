"""The rules by which validation picks points: the cheapest near the best, and the front."""

import numpy as np


def pick(accuracy: np.ndarray, cost: np.ndarray, margin: float) -> np.ndarray:
    """Return which point is the cheapest within `margin` of the most accurate.

    From (..., point) to places along the last axis, int64 (...). The margin is a share, 0.01 for
    one percentage point. Of equally cheap points it takes the first; nan costs most.
    """
    # Means of the same numbers may differ in the last bit.
    near_enough = accuracy >= accuracy.max(axis=-1, keepdims=True) - margin - 1e-9
    price = np.where(np.isnan(cost), np.finfo(np.float64).max, cost)
    return np.where(near_enough, price, np.inf).argmin(axis=-1)


def undominated(accuracy: np.ndarray, cost: np.ndarray, against: np.ndarray) -> np.ndarray:
    """Return which points none of those `against` them beats: all (point,), the last two bool.

    A point beats another if it is as accurate and as cheap, and better in one of both.
    """
    beats = (
        (accuracy >= accuracy[:, None])
        & (cost <= cost[:, None])
        & ((accuracy > accuracy[:, None]) | (cost < cost[:, None]))
        & against
    )
    return ~beats.any(axis=1)
