"""Wilson's interval against its formula written out."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dvs_snn.evaluation.statistics import wilson_interval

Z95 = 1.959963984540054


def _wilson(share: float, n: int, z: float = Z95) -> tuple[float, float]:
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return centre - half, centre + half


@given(st.floats(0, 1), st.integers(1, 100_000))
def test_interval_is_wilsons_formula_and_holds_the_share(share, n):
    low, high = _wilson(share, n)
    assert wilson_interval(share, n) == pytest.approx((low, high), abs=1e-9)
    low, high = wilson_interval(share, n)
    assert 0 <= low <= share <= high <= 1
    assert (wilson_interval(0.0, n)[0], wilson_interval(1.0, n)[1]) == (0.0, 1.0)
