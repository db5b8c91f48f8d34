"""The sensor against closed forms, statistics of its noise, and a slow simulator of few lines."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import ndimage, stats

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.recording import EVENT_DTYPE
from dvs_snn.settings.simulation_settings import PixelModel
from dvs_snn.simulation.scenes import monitor
from dvs_snn.simulation.sensor import (
    SMOOTH,
    Display,
    MovingImage,
    Sensor,
    _noise,
    make_sensor,
    pixel_events,
    record,
    start_levels,
)

_STILL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
_OFFSET = 4  # Column and row of the image that sensor pixel (0, 0) shows in `_uniform`.


def _uniform(
    brightness, luminance=1.0, other=0.5, sees_ink=False, size=(3, 2), step_us=1000.0
) -> MovingImage:
    """Show the same to all pixels, as background, or as a stroke that covers the sensor."""
    brightness = np.asarray(brightness, dtype=np.float64)
    ink = np.zeros((size[1] + 2 * _OFFSET, size[0] + 2 * _OFFSET))
    if sees_ink:
        ink[1:-1, 1:-1] = 1
    place = np.array(_STILL) + np.array([0, 0, _OFFSET, 0, 0, _OFFSET])
    return MovingImage(
        ink=ink,
        to_image=np.tile(place, (len(brightness), 1)),
        brightness=brightness,
        background=other if sees_ink else luminance,
        stroke=luminance if sees_ink else other,
        step_us=step_us,
    )


def _sensor(model: PixelModel, size=(3, 2), seed=0) -> Sensor:
    return make_sensor(model, size, np.random.default_rng(seed))


def _seen_by(sensor, scene, seed=0, settled=True) -> np.ndarray:
    """The events of a sensor; unless it is settled, its pixels begin at what they see."""
    rng = np.random.default_rng(seed)
    start = start_levels(sensor, rng) if settled else np.zeros_like(sensor.on)
    return pixel_events(scene, sensor, start, rng)


def _events(scene, model, size=(3, 2), seed=0, settled=False) -> np.ndarray:
    return _seen_by(_sensor(model, size), scene, seed, settled)


def _ramp(slope: float, seconds: float, step_us: float) -> np.ndarray:
    """Brightness whose logarithm is a straight line through 0; `slope` in units a second."""
    return np.exp(slope * np.arange(round(seconds * 1e6 / step_us) + 1) * step_us * 1e-6)


def _of_pixel(events: np.ndarray, x: int, y: int) -> np.ndarray:
    return events[(events["x"] == x) & (events["y"] == y)]


# Ramps: what an ideal pixel does.


STEPS_US = st.sampled_from([250.0, 700.0, 1000.0, 2500.0, 7000.0])


@settings(max_examples=40, deadline=None)
@given(st.booleans(), st.floats(0.05, 0.5), st.floats(2, 20), STEPS_US, st.booleans())
def test_events_of_a_ramp_do_not_depend_on_the_step(rising, theta, slope, step_us, sees_ink):
    brightness = _ramp(slope if rising else -slope, 0.105, step_us)
    total = slope * (len(brightness) - 1) * step_us * 1e-6
    assume(1e-3 < total / theta % 1 < 1 - 1e-3)
    # From 0.1 up or down to it.
    start = 0.1 if rising else 0.1 * math.exp(total)
    events = _events(
        _uniform(brightness, start, start, sees_ink, step_us=step_us),
        PixelModel(theta, theta, knee=0.01),
    )
    times = np.arange(1, math.floor(total / theta) + 1) * theta / slope * 1e6
    assert len(events) == len(times) * 6
    for x, y in itertools.product(range(3), range(2)):
        of_pixel = _of_pixel(events, x, y)
        np.testing.assert_allclose(of_pixel["t"], times, rtol=0, atol=1.1)
        np.testing.assert_array_equal(of_pixel["p"], rising)


# Thresholds.


def test_thresholds_scatter_by_the_mismatch():
    sensor = _sensor(PixelModel(0.2, 0.3, mismatch=0.05), (200, 150))
    n = 200 * 150
    for drawn, mean in ((sensor.on, 0.2), (sensor.off, 0.3)):
        assert drawn.shape == (150, 200)
        sd = 0.05 * mean
        assert drawn.mean() == pytest.approx(mean, abs=4 * sd / math.sqrt(n))
        assert drawn.std() == pytest.approx(sd, abs=4 * sd / math.sqrt(2 * n))
        assert stats.kstest((drawn.ravel() - mean) / sd, "norm").pvalue > 1e-3
    correlation = np.corrcoef(sensor.on.ravel(), sensor.off.ravel())[0, 1]
    assert abs(correlation) < 4 / math.sqrt(n)
    # None is below 0.3 of the mean.
    drawn = _sensor(PixelModel(0.2, 0.3, mismatch=1.0), (40, 40))
    assert drawn.on.min() == pytest.approx(0.06)
    assert drawn.off.min() == pytest.approx(0.09)


SHARE = st.floats(1e-9, 1)


def _random_ink(seed: int, side: int = 7, margin: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    ink = rng.random((side, side)) * (rng.random((side, side)) < 0.7)
    ink[0, 0] = 1  # There is always some.
    return np.pad(ink, margin)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), SHARE, SHARE, st.floats(0.01, 0.5), st.floats(-3, 3))
def test_what_stands_still_is_silent(seed, background, stroke, theta, turn):
    rng = np.random.default_rng(seed)
    place = (np.cos(turn), -np.sin(turn), 4, np.sin(turn), np.cos(turn), 4)
    at_rest = np.tile(place, (60, 1))
    scene = MovingImage(_random_ink(seed), at_rest, np.ones(60), background, stroke, 700.0)
    model = PixelModel(theta, 2 * theta, mismatch=0.3, cutoff_hz=100.0, refractory_us=100.0)
    sensor = make_sensor(model, (9, 8), rng)
    assert len(_seen_by(sensor, scene)) == 0


# The photoreceptor.


def _seen_levels(events, start, theta) -> np.ndarray:
    """Return the log intensity at each event of an ideal pixel, which `start`ed at a level."""
    return start + theta * np.cumsum(2 * events["p"].astype(int) - 1)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.floats(20, 500))
def test_the_photoreceptor_follows_light_at_a_speed_that_grows_with_itself(seed, cutoff_hz):
    """Against du/dt = 2 pi cutoff u (L - u), run in steps of a thousandth of the sensor's."""
    luminance = np.random.default_rng(seed).uniform(0.05, 1, 30)
    step_s = 1e-3
    followed = luminance[0]
    at_steps = [followed]
    for light in luminance[1:]:
        for _ in range(1000):
            speed = 2 * math.pi * cutoff_hz * followed * (light - followed)
            followed += speed * step_s / 1000
        at_steps.append(followed)
    theta = 0.01
    model = PixelModel(theta, theta, cutoff_hz=cutoff_hz, knee=0.01)
    events = _of_pixel(_events(_uniform(luminance, size=(3, 2)), model), 1, 1)
    assert len(events) > 10
    # Between steps the log intensity is a straight line; times are whole microseconds.
    expected = np.interp(events["t"], np.arange(30) * 1000, np.log(at_steps))
    seen = _seen_levels(events, math.log(luminance[0]), theta)
    np.testing.assert_allclose(seen, expected, atol=0.005)


def test_a_cutoff_of_0_follows_light_at_once_as_a_very_large_one_does():
    luminance = np.random.default_rng(0).uniform(0.05, 1, 30)
    at_once, nearly = (
        _events(_uniform(luminance), PixelModel(0.05, 0.05, cutoff_hz=cutoff_hz, knee=0.01))
        for cutoff_hz in (0.0, 1e6)
    )
    of_pixel = _of_pixel(at_once, 0, 0)
    expected = np.interp(of_pixel["t"], np.arange(30) * 1000, np.log(luminance))
    seen = _seen_levels(of_pixel, math.log(luminance[0]), 0.05)
    # Light may change by 3 within a step: a microsecond is worth 0.003.
    np.testing.assert_allclose(seen, expected, atol=0.004)
    np.testing.assert_array_equal(at_once["p"], nearly["p"])
    np.testing.assert_allclose(at_once["t"], nearly["t"], atol=1)


def test_an_inverted_sensor_sends_the_other_polarity_at_exchanged_thresholds():
    model = replace(_BUSY, leak_hz=0.0, shot_noise_hz=0.0, hot_share=0.0)
    sensor = _sensor(model, _BUSY_SIZE)
    exchanged = Sensor(
        replace(model, inverted=True), sensor.sensor_size, sensor.off, sensor.on, sensor.hot
    )
    plain, inverted = (_seen_by(each, _busy_scene(), settled=False) for each in (sensor, exchanged))
    assert len(plain) > 300
    assert 0.2 < plain["p"].mean() < 0.8
    np.testing.assert_array_equal(inverted["p"], 1 - plain["p"])
    for name in ("t", "x", "y"):
        np.testing.assert_array_equal(inverted[name], plain[name])


# The monitor.


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 1000),
    st.floats(40, 150),
    st.floats(0.5, 20),
    st.floats(0, 0.02),
    st.floats(0, 1),
)
def test_a_monitor_is_a_low_pass_behind_a_sample_and_hold(
    seed, refresh_hz, response_ms, scan, phase
):
    """Against an exponential filter of the ink that one pixel sees, in steps of 20 us."""
    size = (4, 40)
    step_us = 100.0
    ink = np.pad(np.random.default_rng(seed).random((44, 10)), 2)
    seconds = np.arange(601) * step_us * 1e-6 - 0.02

    def places(moments):
        """The digit moves by two thirds of a pixel in a refresh of 75 Hz, as real ones do."""
        still = np.ones_like(moments)
        across = 5 - 40 * moments
        down = 4 + 20 * moments
        return np.stack([still, 0 * still, across, 0 * still, still, down], axis=1)

    drawn, display = monitor(seconds, refresh_hz, scan, response_ms, phase)
    scene = MovingImage(
        ink, places(drawn), np.ones(len(seconds)), 0.1, 1.0, step_us, display=display
    )
    theta = 0.004
    events = _events(scene, PixelModel(theta, theta, knee=0.01), size)
    fine_us = 20.0
    # The filter runs from the time at which a monitor had shown its first picture for long.
    n_before = round(2e6 / refresh_hz / fine_us)
    fine = seconds[0] + np.arange(-n_before, len(seconds) * 5) * fine_us * 1e-6
    first = math.floor(seconds[0] * refresh_hz + phase) - 1
    share = -math.expm1(-fine_us / 1000 / response_ms)
    n = 0
    for x, y in [(0, 0), (3, 7), (1, 25), (2, 39)]:
        row_delay_s = y * scan / refresh_hz
        held = np.maximum(np.floor((fine - row_delay_s) * refresh_hz + phase), first)
        shown, of_shown = np.unique(held, return_inverse=True)
        _, _, column, _, _, row = places((shown - phase) / refresh_hz).T
        target = ndimage.map_coordinates(ink, [row + y, column + x], order=1)[of_shown]
        spot = target[0]
        spots = []
        for value in target:
            spots.append(spot)
            spot += (value - spot) * share
        light = 0.1 + 0.9 * np.array(spots[n_before:])
        of_pixel = _of_pixel(events, x, y)
        expected = np.interp(of_pixel["t"], np.arange(len(light)) * fine_us, np.log(light))
        seen = _seen_levels(of_pixel, math.log(light[0]), theta)
        # Both are early or late by up to a step of their own.
        rise = np.abs(np.diff(np.log(light))).max() / fine_us
        np.testing.assert_allclose(seen, expected, atol=rise * (step_us + fine_us) + theta / 10)
        n += len(of_pixel)
    assert n > 20


def test_a_monitor_that_scans_a_row_in_many_refreshes_shows_its_first_picture_until_then():
    seconds = np.arange(100) * 1e-3
    drawn, display = monitor(seconds, 75.0, 1000.0, 6.0, 0.0)
    place = np.array(_STILL) + np.array([0, 0, _OFFSET, 0, 0, _OFFSET])
    to_image = np.tile(place, (len(drawn), 1))
    to_image[:, 2] += np.arange(len(drawn))
    scene = replace(
        _uniform(np.ones(100)), ink=_random_ink(0, 12), to_image=to_image, display=display
    )
    events = _events(scene, PixelModel(0.01, 0.01, knee=0.01))
    assert set(events["y"].tolist()) == {0}


# Noise.


@pytest.mark.parametrize("sees_ink", [False, True])
@pytest.mark.parametrize(("luminance", "rate"), [(0.0, 1.0), (0.5, 0.625), (1.5, 0.25)])
def test_shot_noise_is_a_poisson_process_that_fades_with_light(sees_ink, luminance, rate):
    size, seconds = (64, 64), 4.0
    scene = _uniform(np.ones(401), luminance, 1.0, sees_ink, size, step_us=10_000.0)
    events = _events(scene, PixelModel(0.2, 0.2, shot_noise_hz=1.0), size, seed=5, settled=True)
    expected = 64 * 64 * seconds * rate
    assert len(events) == pytest.approx(expected, abs=4 * math.sqrt(expected))
    n_on = np.count_nonzero(events["p"])
    assert n_on == pytest.approx(len(events) / 2, abs=2 * math.sqrt(len(events)))
    # Counts of pixels are Poisson: their variance is their mean.
    pixel = events["y"].astype(int) * 64 + events["x"]
    counts = np.bincount(pixel, minlength=64 * 64)
    assert counts.var() / counts.mean() == pytest.approx(1, abs=4 * math.sqrt(2 / 64**2))
    # Of 256 pixels together, intervals are exponential.
    few = events[(events["x"] % 4 == 1) & (events["y"] % 4 == 2)]
    mean_us = 1e6 / (256 * rate)
    assert stats.kstest(np.diff(few["t"]), "expon", args=(0, mean_us)).pvalue > 1e-3
    assert stats.kstest(events["t"] / (seconds * 1e6), "uniform").pvalue > 1e-3


def test_only_hot_pixels_fire_and_only_on():
    size, seconds = (50, 40), 2.0
    model = PixelModel(0.2, 0.2, hot_share=0.02, hot_hz=50.0)
    sensor = _sensor(model, size, seed=3)
    assert len(sensor.hot) == pytest.approx(40, abs=4 * math.sqrt(40))
    scene = _uniform(np.ones(201), size=size, step_us=10_000.0)
    events = _seen_by(sensor, scene)
    pixel = events["y"].astype(int) * 50 + events["x"]
    assert np.unique(pixel).tolist() == sensor.hot.tolist()
    assert events["p"].all()
    expected = len(sensor.hot) * 50 * seconds
    assert len(events) == pytest.approx(expected, abs=4 * math.sqrt(expected))


# What comes back.


def _busy_scene(seed: int = 0, n_warm: int = 0, display: Display = SMOOTH) -> MovingImage:
    """A random digit that moves and turns over a sensor of 14 x 11 pixels before a flicker."""
    steps = np.arange(81) / 80
    time = steps if display is SMOOTH else display.drawn_us / 80_000
    x, y = 6 + 4 * np.sin(7 * time + seed), 5 + 3 * np.cos(4 * time + seed)
    turn = 0.8 * np.sin(5 * time)
    a, b, d, e = np.cos(turn), -np.sin(turn), np.sin(turn), np.cos(turn)
    return MovingImage(
        ink=_random_ink(seed),
        to_image=np.stack([a, b, 4 - a * x - b * y, d, e, 4 - d * x - e * y], axis=1),
        brightness=1 + 0.04 * np.sin(45 * steps),
        background=0.25,
        stroke=0.95,
        step_us=1000.0,
        n_warm=n_warm,
        display=display,
    )


_BUSY = PixelModel(
    0.2,
    0.17,
    mismatch=0.1,
    cutoff_hz=150.0,
    refractory_us=300.0,
    leak_hz=2.0,
    shot_noise_hz=3.0,
    hot_share=0.05,
    hot_hz=20.0,
)
_BUSY_SIZE = (14, 11)
MONITOR = Display(np.arange(-1, 9) * 9700.0 - 4100, 310.0, 9700.0, 4200.0)
"""A monitor that draws eight pictures in the busy scene, row after row."""


def test_events_are_sorted_inside_the_sensor_and_the_same_again():
    sensor = _sensor(_BUSY, _BUSY_SIZE)
    scene = _busy_scene()
    first, again, another = (_seen_by(sensor, scene, seed) for seed in (1, 1, 2))
    assert first.dtype == EVENT_DTYPE
    assert first.tobytes() == again.tobytes() != another.tobytes()
    pixel = first["y"].astype(int) * 14 + first["x"]
    order = np.lexsort((pixel, first["t"]))
    np.testing.assert_array_equal(order, np.arange(len(first)))
    recording = record(scene, sensor, np.random.default_rng(1))
    assert recording.sensor_size == _BUSY_SIZE
    assert recording.events.tobytes() == first.tobytes()
    with pytest.raises(StudyError, match="sent no event.*thresholds"):
        record(_uniform(np.ones(10), 0.5), _sensor(PixelModel(0.2, 0.2)), np.random.default_rng(0))


# A slow simulator.


def _slow_pictures(scene: MovingImage, size) -> np.ndarray:
    """Return the ink that each pixel sees of each picture: float64 (picture, row, column)."""
    y, x = np.mgrid[: size[1], : size[0]].astype(float)
    pictures = []
    for a, b, c, d, e, f in scene.to_image:
        at = [d * x + e * y + f, a * x + b * y + c]
        pictures.append(ndimage.map_coordinates(scene.ink, at, order=1, cval=0.0))
    return np.array(pictures)


def _slow_spot(targets, drawn_us, response_us, times_us) -> list[float]:
    """Return what a spot of the monitor shows at some times, from one moment to the next.

    It begins with the first picture, as if it had shown that for long.
    """
    spot = target = targets[0]
    now = drawn_us[0]
    moments = [(time, None) for time in times_us]
    moments += list(zip(drawn_us, targets, strict=True))
    shown = []
    for moment, new_target in sorted(moments, key=lambda each: each[0]):
        spot = target + (spot - target) * math.exp(-(moment - now) / response_us)
        now = moment
        if new_target is None:
            shown.append(spot)
        else:
            target = new_target
    return shown


def _slow_ink(scene: MovingImage, size) -> np.ndarray:
    """Return the ink that each pixel sees at each step: float64 (step, row, column)."""
    pictures = _slow_pictures(scene, size)
    display = scene.display
    if not len(display.drawn_us):
        return pictures
    times_us = np.arange(len(scene.brightness)) * scene.step_us
    ink = np.empty((len(times_us), *pictures.shape[1:]))
    for y, x in np.ndindex(ink.shape[1:]):
        drawn_us = display.drawn_us + y * display.row_delay_us
        ink[:, y, x] = _slow_spot(pictures[:, y, x], drawn_us, display.response_us, times_us)
    return ink


def _slow_traces(scene: MovingImage, model: PixelModel, size) -> tuple[np.ndarray, np.ndarray]:
    """Return log intensity of the followed light, and luminance: float64 (step, row, column)."""
    ink = _slow_ink(scene, size)
    blended = scene.background * (1 - ink) + scene.stroke * ink
    luminances = blended * scene.brightness[:, None, None]
    followed = luminances.copy()
    for k in range(1, len(followed)):
        light = luminances[k]
        # The reciprocal of the followed light approaches that of the light exponentially.
        rest = np.exp(-2 * np.pi * model.cutoff_hz * light * scene.step_us / 1e6)
        if model.cutoff_hz:
            followed[k] = 1 / (1 / light + (1 / followed[k - 1] - 1 / light) * rest)
    low = np.log(model.knee) + (followed - model.knee) / model.knee
    traces = np.where(followed < model.knee, low, np.log(followed))
    return -traces if model.inverted else traces, luminances


def _slow_pixel(trace, light, model, step_us, on, off, level, noise):
    """Return one pixel's events: time in us, polarity, speed of the signal towards the threshold.

    Here it's the stored level that sinks by leak; the kernel lets the signal rise.

    `level` is stored at time 0; `noise` holds (time, polarity, draw) in order of time.
    """
    leak = model.leak_hz * on / 1e6
    stored_at, held_until, out = 0.0, None, []
    for k in range(1, len(trace)):
        begin, end = (k - 1) * step_us, k * step_us
        slope = (trace[k] - trace[k - 1]) / step_us

        def signal(time, k=k, slope=slope, begin=begin):
            return trace[k - 1] + slope * (time - begin)

        now = begin
        stops = [(t, p, u) for t, p, u in noise if begin < t <= end] + [(end, None, None)]
        for stop, polarity, draw in stops:
            while True:
                if held_until is not None:
                    if held_until > stop:
                        break
                    now = max(now, held_until)
                    level, stored_at, held_until = signal(now), now, None
                # The difference to the sunken level is a line: where does it leave (-off, on)?
                rate = slope + leak
                difference = signal(now) - (level - leak * (now - stored_at))
                if rate == 0:
                    break
                theta = on if rate > 0 else -off
                crossing = now + max((theta - difference) / rate, 0.0)
                if crossing > stop:
                    break
                out.append((crossing, rate > 0, abs(rate)))
                level = level - leak * (crossing - stored_at) + theta
                now = stored_at = crossing
                if model.refractory_us:
                    held_until = crossing + model.refractory_us
            now = stop
            if polarity is None or held_until is not None:
                continue
            if draw < 1 - 0.75 * min(light[k], 1):
                out.append((stop, polarity, math.inf))
                level, stored_at = signal(stop), stop
                if model.refractory_us:
                    held_until = stop + model.refractory_us
    return out


def _check_against_slow(scene, sensor, seed, settled):
    model, (width, height) = sensor.model, sensor.sensor_size
    events = _seen_by(sensor, scene, seed, settled)
    # The same draws: first how far between its thresholds a pixel begins, then the noise.
    rng = np.random.default_rng(seed)
    traces, lights = _slow_traces(scene, model, (width, height))
    level = traces[0].copy()
    if settled:
        lowest = -model.start_off * sensor.off
        level -= lowest + rng.random((height, width)) * (sensor.on - lowest)
    first, *noise = _noise(sensor, len(traces) - 1, scene.step_us, rng)
    n = 0
    for y, x in itertools.product(range(height), range(width)):
        mine = slice(first[y * width + x], first[y * width + x + 1])
        noise_of_pixel = list(zip(*(part[mine] for part in noise), strict=True))
        expected = _slow_pixel(
            traces[:, y, x],
            lights[:, y, x],
            model,
            scene.step_us,
            sensor.on[y, x],
            sensor.off[y, x],
            level[y, x],
            noise_of_pixel,
        )
        begin = scene.n_warm * scene.step_us
        expected = [(t - begin, p, rate) for t, p, rate in expected if t >= begin]
        of_pixel = _of_pixel(events, x, y)
        assert of_pixel["p"].tolist() == [polarity for _, polarity, _ in expected]
        for sent, (time, _, rate) in zip(of_pixel["t"], expected, strict=True):
            # The kernel's tables are off by up to 1e-6.
            assert sent == pytest.approx(time, abs=2 + 2e-6 / rate)
        n += len(expected)
    assert n == len(events)
    return n


@pytest.mark.parametrize(
    ("change", "settled"),
    [
        ({}, False),
        ({"cutoff_hz": 0.0, "refractory_us": 0.0}, False),
        ({"leak_hz": 0.0, "knee": 0.5}, True),
        ({"refractory_us": 2300.0, "leak_hz": 30.0}, True),
        ({"shot_noise_hz": 20.0, "hot_share": 0.1, "hot_hz": 40.0}, True),
        ({"shot_noise_hz": 50.0, "refractory_us": 0.0}, False),
        ({"shot_noise_hz": 20.0, "start_off": -0.4}, True),
        ({"inverted": True}, True),
        ({"cutoff_hz": 15.0, "refractory_us": 0.0}, False),
    ],
)
@pytest.mark.parametrize("display", [SMOOTH, MONITOR], ids=["smooth", "monitor"])
def test_a_slow_simulator_finds_the_same_events(change, settled, display):
    model = PixelModel(
        0.2, 0.17, mismatch=0.1, cutoff_hz=150.0, refractory_us=300.0, leak_hz=2.0, knee=0.1
    )
    sensor = _sensor(replace(model, **change), _BUSY_SIZE, seed=4)
    scene = _busy_scene(seed=2, n_warm=5, display=display)
    assert _check_against_slow(scene, sensor, 8, settled) > 100


# Pixels that are passed over.


PLACES = st.floats(-12, 26), st.floats(-12, 23), st.floats(0, 6), st.floats(0.4, 2.5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), *PLACES, st.floats(0, 0.2), st.booleans())
def test_passing_over_pixels_changes_nothing(seed, x, y, turn, cells, flicker, noise):
    """A trace of ink everywhere lets the kernel take the long way for every pixel."""
    rng = np.random.default_rng(seed)
    n = 40
    x, y = x + rng.uniform(-4, 4, 2)[:, None] * np.linspace(0, 1, n + 1) * [[1], [0.5]] + [[0], [y]]
    turn = turn + np.linspace(0, rng.uniform(-1, 1), n + 1)
    a, b = cells * np.cos(turn), -cells * np.sin(turn)
    d, e = cells * np.sin(turn), cells * np.cos(turn)
    near = MovingImage(
        ink=_random_ink(seed, margin=2),
        to_image=np.stack([a, b, 5 - a * x - b * y, d, e, 5 - d * x - e * y], axis=1),
        brightness=1 + flicker * np.sin(np.arange(n + 1)),
        background=0.3,
        stroke=1.0,
        step_us=1000.0,
    )
    margin = 120
    wide = np.pad(near.ink, margin)
    wide[1:-1, 1:-1] = np.maximum(wide[1:-1, 1:-1], 1e-12)
    shift = np.array([0, 0, margin, 0, 0, margin])
    long_way = replace(near, ink=wide, to_image=near.to_image + shift)
    model = replace(_BUSY, mismatch=0.2, leak_hz=4.0, shot_noise_hz=3.0 if noise else 0.0)
    sensor = make_sensor(model, _BUSY_SIZE, rng)
    quick, slow = (_seen_by(sensor, scene, seed) for scene in (near, long_way))
    assert len(quick) == len(slow)
    for x, y in itertools.product(range(14), range(11)):
        of_quick, of_slow = _of_pixel(quick, x, y), _of_pixel(slow, x, y)
        np.testing.assert_array_equal(of_quick["p"], of_slow["p"])
        np.testing.assert_allclose(of_quick["t"], of_slow["t"], rtol=0, atol=1)
