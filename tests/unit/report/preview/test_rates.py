"""The rate of events over time and its flicker, of recordings whose rate is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_recordings import from_columns
from real_files import REAL, needs_real_files

from dvs_snn.events.recording import EventRecording, read_recording
from dvs_snn.report.preview.page import flicker_words
from dvs_snn.report.preview.rates import Flicker, FlickerMeter, RateCounter


def flickering(hz: float, seconds: float, depth: float, seed: int, n: int = 20_000):
    """Make a recording whose rate is a constant and a sine wave, which thins random events."""
    rng = np.random.default_rng(seed)
    t = rng.uniform(0, seconds, n)
    kept = t[rng.random(n) < (1 + depth * np.sin(2 * np.pi * hz * t)) / (1 + depth)]
    t = np.concatenate([[0, seconds], kept]) * 1e6
    return from_columns(t.astype(np.int64), 0, p=rng.random(len(t)) < 0.5)


def measured(*recordings: EventRecording) -> Flicker | None:
    meter = FlickerMeter([one.duration_s for one in recordings])
    for one in recordings:
        meter.add(one)
    return meter.flicker()


@pytest.mark.parametrize("hz", [50, 60, 75, 100, 120])
@pytest.mark.parametrize("seconds", [0.25, 2.0, 40.0])
def test_a_line_is_found_where_it_is(hz, seconds):
    flicker = measured(flickering(hz, seconds, 0.8, seed=hz, n=int(30_000 * max(seconds, 1))))
    assert flicker.is_line
    assert abs(flicker.peak_hz - hz) <= flicker.resolution_hz
    # Of a long recording its beginning is enough.
    assert flicker.seconds == pytest.approx(min(seconds, 16.0), abs=0.002)
    assert f"a line at {flicker.peak_hz:.1f} Hz" in flicker_words(flicker)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.sampled_from([0.12, 0.3, 2.0]))
@settings(max_examples=60, deadline=None)
def test_noise_has_none(seed, n, seconds):
    flicker = measured(*[flickering(1, seconds, 0.0, seed + one, 3000) for one in range(n)])
    assert not flicker.is_line
    assert "Flicker: none." in flicker_words(flicker)


def test_many_recordings_show_what_one_cannot():
    weak = [flickering(100, 0.3, 0.12, seed, 3000) for seed in range(60)]
    flicker = measured(*weak)
    assert flicker.is_line
    assert abs(flicker.peak_hz - 100) <= flicker.resolution_hz
    assert sum(measured(one).is_line for one in weak[:10]) <= 2


def test_a_short_recording_tells_nothing():
    assert measured(flickering(100, 0.09, 0.9, 1)) is None
    assert "too short to tell" in flicker_words(None)
    # One moment, and one event.
    assert measured(from_columns([5, 5], 0), from_columns([7], 0)) is None


@needs_real_files
def test_real_recordings_filmed_off_a_screen_of_75_hz():
    for path in sorted(REAL.glob("mnist-dvs/0/*.aedat")):
        flicker = measured(read_recording(path))
        assert flicker.is_line
        assert abs(flicker.peak_hz - 75) < 2


@needs_real_files
def test_real_recordings_of_nmnist_have_no_line():
    paths = sorted(REAL.glob("nmnist/train/*/*.bin"))[::10]
    assert not measured(*map(read_recording, paths)).is_line


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_no_event_is_lost_from_the_rate(seed, n):
    rng = np.random.default_rng(seed)
    lasting = rng.choice([0.003, 0.05, 0.4, 7.0, 5000.0])
    recordings = [
        from_columns(
            np.append(rng.integers(0, int(lasting * 1e6) + 1, 50), [0, int(lasting * 1e6)]),
            0, p=rng.random(52) < 0.5,
        )
        for _ in range(n)
    ]  # fmt: skip
    counter = RateCounter(lasting)
    for one in recordings:
        counter.add(one)
    rate = counter.rate()
    assert len(rate.on) <= 401
    assert rate.edges_s[-1] >= min(lasting, rate.edges_s[1]) / 2
    seconds = (lasting - rate.edges_s[:-1]).clip(1e-6, np.diff(rate.edges_s))
    inside = [one.events["t"] < round(rate.edges_s[-1] * 1e6) for one in recordings]
    total = sum(int(part.sum()) for part in inside)
    assert ((rate.on + rate.off) * seconds).sum() * n == pytest.approx(total)


def test_the_rate_is_of_the_recordings_that_last_so_long():
    """100 events a second in each; one lasts twice as long."""
    counter = RateCounter(2.0)
    for seconds in (1, 1, 2):
        counter.add(from_columns(np.arange(0, seconds * 1_000_000 + 1, 10_000), 0))
    rate = counter.rate()
    # The last event of the shorter ones stands at the beginning of a bin that they don't cover.
    np.testing.assert_allclose(np.delete(rate.on, 100), 100)
    assert not rate.off.any()
