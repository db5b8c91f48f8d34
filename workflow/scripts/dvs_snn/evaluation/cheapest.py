"""The rule by which validation picks: the cheapest near the best."""

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
