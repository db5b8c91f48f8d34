"""Paths, looks and maps of the scenes by hand, in closed form and by their statistics."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import interpolate, ndimage, stats

from dvs_snn.simulation.scenes import (
    Pose,
    backlight,
    early_or_late,
    enlarge,
    hand_held,
    image_map,
    monitor,
    spline_path,
    straight_legs,
    warped,
)


def _enlarged(image, magnification=2.0, stroke_exponent=1.0, blur_px=0.8, sharpness=1.0):
    return enlarge(image, magnification, stroke_exponent, sharpness, blur_px)


def _digit(n: int = 28) -> np.ndarray:
    """A ring with a tail, smooth as MNIST's digits are."""
    y, x = np.mgrid[:n, :n] - (n - 1) / 2
    ring = np.exp(-((np.hypot(x, y) - 6) ** 2) / 3)
    tail = np.exp(-((x - 6) ** 2) / 3 - ((y - 4) / 4) ** 4)
    return np.round(255 * np.maximum(ring, tail)).astype(np.uint8)


def _pose(x=0.0, y=0.0, turn=0.0, stretch=1.0) -> Pose:
    return Pose(*(np.atleast_1d(np.asarray(v, dtype=float)) for v in (x, y, turn, stretch)))


# The bent digit.


def test_a_ramp_shows_how_far_each_point_was_drawn_off():
    """Grey values that grow by 8 a pixel tell a displacement; 300 warps tell its statistics."""
    inner = slice(7, 21)
    moves = []
    for places in np.indices((28, 28)):
        # Both ramps are drawn off alike.
        rng = np.random.default_rng(1)
        ramp = (20 + 8 * places).astype(np.uint8)
        bent = np.stack([warped(ramp, 0.8, rng)[inner, inner] for _ in range(300)])
        moved = (bent.astype(float) - 20) / 8 - places[inner, inner]
        moves.append(moved)
        assert abs(moved.mean()) < 0.1
        assert np.sqrt((moved**2).mean()) == pytest.approx(0.8, rel=0.06)
        # White noise smoothed by a Gaussian of 4 pixels: correlation exp(-(distance / 8)^2).
        for distance in (4, 8, 12):
            across = np.mean(moved[:, :, distance:] * moved[:, :, :-distance]) / 0.64
            down = np.mean(moved[:, distance:] * moved[:, :-distance]) / 0.64
            for correlation in (across, down):
                assert correlation == pytest.approx(math.exp(-((distance / 8) ** 2)), abs=0.12)
    # Rows and columns are drawn off apart.
    assert abs(np.mean(moves[0] * moves[1]) / 0.64) < 0.1


# The enlarged image.


@pytest.mark.parametrize("magnification", [1.1, 4.2])
def test_an_enlarged_image_is_not_shifted_and_blurred_in_sensor_pixels(magnification):
    image = np.zeros((28, 28), dtype=np.uint8)
    image[5:13, 16:20] = 255
    variances = []
    for blur_px in (0.0, 1.5):
        ink, cells = _enlarged(image, magnification, blur_px=blur_px)
        # The centre of mass, in image pixels from the image's centre.
        offset = np.array(ndimage.center_of_mass(ink)) - (np.array(ink.shape) - 1) / 2
        place = offset / cells / magnification
        np.testing.assert_allclose(place, [8.5 - 13.5, 17.5 - 13.5], atol=0.02)
        along, place = ink.sum(axis=0) / ink.sum(), np.arange(ink.shape[1]) / cells
        variances.append(along @ place**2 - (along @ place) ** 2)
    # A Gaussian adds its variance; cut off at three sigma it lacks 3 % of it.
    assert variances[1] - variances[0] == pytest.approx(1.5**2, rel=0.04)


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 1000), st.floats(0.5, 5), st.floats(0.3, 2), st.floats(0, 2.5), st.floats(1, 20)
)
def test_ink_is_between_0_and_1_and_zero_at_its_border(
    seed, magnification, exponent, blur, sharpness
):
    image = np.random.default_rng(seed).integers(0, 256, (9, 9)).astype(np.uint8)
    ink, _ = _enlarged(image, magnification, exponent, blur, sharpness)
    assert ink.min() >= 0
    assert ink.max() <= 1 + 1e-12
    assert not any(edge.any() for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1]))


@pytest.mark.parametrize(
    ("grey", "expected"),
    # The middle of a large even square; the splines' ripples cost 2 % of the ink.
    [(0.2, 0.0), (0.412, 0.2), (0.51, 0.5), (0.608, 0.8), (0.8, 1.0)],
)
def test_sharpness_is_the_slope_of_ink_about_its_half(grey, expected):
    image = np.zeros((28, 28), dtype=np.uint8)
    image[2:26, 2:26] = round(255 * grey)
    ink, _ = _enlarged(image, 2.0, blur_px=0.0, sharpness=3.0)
    middle = ink[len(ink) // 2, len(ink) // 2]
    # Grey values are whole steps of 1/255.
    assert middle == pytest.approx(expected, abs=3 / 255)


def test_a_sharp_edge_is_blurred_afterwards():
    """A very sharp edge is a step, and a blurred step is the normal distribution."""
    image = np.zeros((28, 28), dtype=np.uint8)
    image[:, :14] = 255
    ink, _ = _enlarged(image, 2.0, blur_px=1.5, sharpness=1e6)
    row = ink[len(ink) // 2]
    # Two cells a sensor pixel; the edge lies between two cells.
    place = (np.arange(len(row)) - (len(row) - 1) / 2) / 2
    near = np.abs(place) < 6
    expected = stats.norm.cdf(-place[near] / 1.5)
    np.testing.assert_allclose(row[near], expected, atol=0.005)


# The map from sensor to image.


def _shown(pose: Pose, x: float, y: float, **look: float) -> tuple[float, float]:
    """Return (column, row) that pixel (x, y) shows, both counted from their centres."""
    ((a, b, c, d, e, f),) = image_map(pose, (41, 61), 2.0, (35, 25), **look)
    x, y = x + 17, y + 12
    return a * x + b * y + c - 30, d * x + e * y + f - 20


@pytest.mark.parametrize(
    ("pose", "pixel", "expected"),
    [
        # Two cells a pixel. The image's centre is 3 pixels further right, one further down.
        ((3, 1), (0, 0), (-6, -2)),
        # A quarter turn counter-clockwise as displayed: its right end is at the top, y = -4,
        ((0, 0, np.pi / 2), (0, -4), (8, 0)),
        # its top at the left.
        ((0, 0, np.pi / 2), (-4, 0), (0, -8)),
        # It turns about its own centre.
        ((7, 2, np.pi / 2), (7, 2 - 4), (8, 0)),
        # Stretch is in the sheet: turned by a quarter, the sheet's width is upright.
        ((0, 0, np.pi / 2, 0.5), (0, -3), (12, 0)),
    ],
)
def test_a_pixel_shows_what_is_worked_out_by_hand(pose, pixel, expected):
    assert _shown(_pose(*pose), *pixel) == pytest.approx(expected, abs=1e-12)


def test_a_wider_digit_reaches_further_and_a_slanted_one_leans_to_the_right():
    # Twice as wide: what was 3 pixels right of the centre is now 6 pixels right of it.
    assert _shown(_pose(), 6, -2, width=2.0) == pytest.approx((6, -4))
    # Leaning by 45 degrees: 2 pixels up goes 2 pixels to the right.
    assert _shown(_pose(), 3 + 2, -2, slant_deg=45.0) == pytest.approx((6, -4))


def test_a_moving_image_shows_the_digit_where_the_pose_says():
    pose = Pose(*np.array([[6.0, -9.0], [3.0, 5.0], [0.0, np.pi / 2], [1.0, 1.0]]))
    ink, cells = _enlarged(_digit(), 2.2)
    to_image = image_map(pose, ink.shape, cells, (128, 120))
    y, x = np.mgrid[:120, :128].astype(float)
    image = _digit() / 255
    row, column = ndimage.center_of_mass(image)
    offset = np.array([column - 13.5, row - 13.5]) * 2.2
    for (a, b, c, d, e, f), at, turned in (
        (to_image[0], (6, 3), offset),
        # A quarter turn: what was right is above, what was below is right.
        (to_image[1], (-9, 5), np.array([offset[1], -offset[0]])),
    ):
        seen = ndimage.map_coordinates(ink, [d * x + e * y + f, a * x + b * y + c], order=1)
        assert seen.sum() == pytest.approx(image.sum() * 2.2**2, rel=0.06)
        centre = np.array(ndimage.center_of_mass(seen))[::-1]
        np.testing.assert_allclose(centre, turned + at + np.array([63.5, 59.5]), atol=0.15)


# Straight legs.


CORNERS = ((0.0, 1.0, -2.0), (0.2, 5.0, 2.0), (0.6, -3.0, 0.0), (1.0, 1.0, -2.0))


@pytest.mark.parametrize(
    ("second", "place"),
    [
        # The corners, and half-way between them.
        (0.0, (1, -2)),
        (0.1, (3, 0)),
        (0.2, (5, 2)),
        (0.4, (1, 1)),
        (0.6, (-3, 0)),
        (0.8, (-1, -1)),
        # A quarter of the last leg is left.
        (0.9, (0, -1.5)),
        # The second round, and the warm-up before the first.
        (1.0, (1, -2)),
        (1.1, (3, 0)),
        (-0.1, (0, -1.5)),
    ],
)
def test_a_digit_goes_straight_from_corner_to_corner(second, place):
    for phase in (0.0, 0.25):
        # A quarter of a round later begins a quarter of a round earlier.
        pose = straight_legs(np.array([second - phase]), CORNERS, phase)
        assert (pose.x[0], pose.y[0]) == pytest.approx(place, abs=1e-12)
        assert (pose.turn[0], pose.stretch[0]) == (0, 1)


# The monitor.


def test_pictures_come_at_refreshes_from_the_one_before_the_first_step_on():
    # 50 pictures a second, of which one comes 5 ms after second 0: 15 ms before it is another.
    seconds = np.arange(-10, 41) * 1e-3
    drawn, display = monitor(seconds, 50.0, 0.01, 6.0, 0.75)
    np.testing.assert_allclose(drawn, [-0.035, -0.015, 0.005, 0.025], atol=1e-12)
    # The first step is 10 ms before second 0.
    np.testing.assert_allclose(display.drawn_us, [-25_000, -5000, 15_000, 35_000], atol=1e-6)
    assert display.period_us == 20_000
    assert display.row_delay_us == pytest.approx(200)
    assert display.response_us == 6000


# Saccades.


def test_a_spline_goes_through_its_knots_smoothly_and_rests_before_and_after():
    knots = ((0.01, -2.4, -0.7), (0.05, -1.0, 4.1), (0.08, 1.0, 3.9), (0.2, 4.2, -1.3))
    moments, x, y = np.transpose(knots)
    seconds = np.arange(-20, 331) * 1e-3
    pose = spline_path(seconds, knots)
    # The same spline in another form, by cubic polynomials between knots.
    moving = (seconds >= 0.01) & (seconds <= 0.2)
    for seen, places in ((pose.x, x), (pose.y, y)):
        expected = interpolate.CubicSpline(moments, places, bc_type="clamped")
        np.testing.assert_allclose(seen[moving], expected(seconds[moving]), atol=1e-12)
        np.testing.assert_allclose(seen[seconds < 0.01], places[0], atol=1e-12)
        np.testing.assert_allclose(seen[seconds > 0.2], places[-1], atol=1e-12)


def test_a_movement_begins_early_or_late_by_itself_and_the_rest_before_makes_up_for_it():
    seconds = np.arange(0, 400) * 1e-3
    rests = [(0.08, 0.11, 5.0), (0.19, 0.21, 3.0)]
    later = []
    for seed in range(300):
        moments = early_or_late(seconds, rests, np.random.default_rng(seed))
        assert (np.diff(moments) > 0).all()
        shifts_ms = 1000 * (seconds - moments)
        np.testing.assert_allclose(shifts_ms[seconds < 0.08], 0, atol=1e-9)
        for begin, end in ((0.11, 0.19), (0.21, 0.4)):
            moving = shifts_ms[(seconds > begin) & (seconds < end)]
            np.testing.assert_allclose(moving, moving[0], atol=1e-9)
        later.append([shifts_ms[150], shifts_ms[300]])
    second, third = np.transpose(later)
    assert 4.8 < np.abs(second).max() <= 5
    assert 2.8 < np.abs(third).max() <= 3
    assert abs(np.corrcoef(second, third)[0, 1]) < 3 / np.sqrt(300)


# The hand.


def _band(values: np.ndarray, step_s: float, low: float, high: float) -> float:
    """Return the root mean square of what is between two frequencies."""
    spectrum = np.abs(np.fft.rfft(values * np.hanning(len(values)))) ** 2
    frequency = np.fft.rfftfreq(len(values), step_s)
    # A Hann window keeps 3/8 of the power.
    power = 2 * spectrum / len(values) ** 2 / 0.375
    return math.sqrt(power[(frequency >= low) & (frequency <= high)].sum())


def test_a_hand_drifts_and_trembles_as_asked():
    seconds = np.arange(60_000) * 5e-3  # 300 s.
    pose = hand_held(seconds, np.random.default_rng(0), 2.5, 0.4, 4.0)
    for values in (pose.x, pose.y):
        assert _band(values, 5e-3, 0.1, 1.4) == pytest.approx(2.5, rel=0.25)
        assert _band(values, 5e-3, 6.8, 12.2) == pytest.approx(0.4, rel=0.25)
        assert _band(values, 5e-3, 1.4, 6.8) < 0.02
        assert _band(values, 5e-3, 12.2, 100) < 0.02
    assert _band(np.rad2deg(pose.turn), 5e-3, 0.05, 1.0) == pytest.approx(4.0, rel=0.25)
    # 1 - cos of an angle of 8 degrees rms: half its square.
    assert 1 - pose.stretch.mean() == pytest.approx(math.radians(8) ** 2 / 2, rel=0.3)
    assert abs(np.corrcoef(pose.x, pose.y)[0, 1]) < 0.5


# The backlight.


def test_the_backlight_is_a_sine_about_1():
    # Quarters of a period of 75 Hz.
    seconds = np.arange(5) / 300
    np.testing.assert_allclose(backlight(seconds, 75.0, 0.03, 0.0), [1, 1.03, 1, 0.97, 1])
    np.testing.assert_allclose(backlight(seconds, 75.0, 0.03, 0.25), [1.03, 1, 0.97, 1, 1.03])
