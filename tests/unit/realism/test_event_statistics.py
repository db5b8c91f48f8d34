"""The statistics of a recording: worked by hand, and those shipped of the real recordings."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from made_recordings import any_recording, from_rows
from real_files import REAL, needs_real_files

from dvs_snn.realism.event_statistics import bursts_of, statistics_of
from dvs_snn.realism.twins import TWINS_PER_DIGIT, real_twins
from dvs_snn.recordings.recording import read_recording

SHIPPED = Path(__file__).parents[3] / "workflow" / "data" / "nmnist-statistics.tsv"
TRAIN = REAL / "nmnist" / "train"
STATISTICS = pd.read_csv(SHIPPED, sep="\t", comment="#", index_col="symbol")


def ms(time):
    return 5000 + round(time * 1000)


# Two pixels side by side and a lone one far away; saccades begin at 0, 90 and 220 ms.
ROWS = [
    (ms(0), 3, 4, True),
    (ms(2), 4, 4, False),
    (ms(6), 3, 4, True),
    (ms(100), 20, 30, True),
    (ms(106), 3, 4, False),
    (ms(250), 4, 4, False),
]


def test_every_statistic_by_hand():
    values = statistics_of(from_rows(ROWS, (34, 34)))
    assert list(values) == list(STATISTICS)
    expected = {
        "n_events": 6, "on_share": 0.5, "duration_s": 0.25,
        "saccade_1_share": 0.5, "saccade_2_share": 0.3333, "saccade_3_share": 0.1667,
        "rest_share": 0.3333,  # at 100 and 106 ms
        "saccade_1_middle_ms": 2, "saccade_2_middle_ms": 103, "saccade_3_middle_ms": 250,
        "peak_rate_keps": 0.4,  # two events in 0 to 5 ms
        "n_pixels": 3, "events_per_pixel": 2, "busiest_pixel": 3, "single_share": 0.3333,
        # At 0, 2 and 6 ms three are beside each other; those after are alone.
        "lone_share": 0.5,
        # Intervals: 6 and 100 ms at one pixel, 248 ms at the other.
        "interval_5_ms": 15.4, "interval_50_ms": 100, "interval_95_ms": 233.2,
        "interval_on_ms": 6, "interval_off_ms": 248, "repeat_share": 0.6667,
        "centre_x_px": 37 / 6, "centre_y_px": 50 / 6,
        "spread_x_px": np.std([3, 4, 3, 20, 3, 4]), "spread_y_px": np.std([4, 4, 4, 30, 4, 4]),
        "on_ahead_x_1_px": -1, "on_ahead_y_1_px": 0,
        "on_ahead_x_2_px": 17, "on_ahead_y_2_px": 26,
    }  # fmt: skip
    for name, value in expected.items():
        assert values[name] == pytest.approx(value, rel=6e-4), name
    # The third saccade has no ON event, and a single event no interval.
    assert math.isnan(values["on_ahead_x_3_px"])
    assert math.isnan(values["on_ahead_y_3_px"])
    assert math.isnan(statistics_of(from_rows(ROWS[:1], (34, 34)))["interval_50_ms"])


@settings(max_examples=50, deadline=None)
@given(any_recording(33, 33, gap=10_000))
def test_shares_lie_between_0_and_1_and_lone_events_are_counted_one_by_one(recording):
    values = statistics_of(recording)
    shares = [values[name] for name in STATISTICS if name.endswith("_share")]
    assert all(math.isnan(share) or 0 <= share <= 1 for share in shares)
    t = recording.events["t"] - recording.events["t"][0]
    places = list(zip(t // 10_000, *(recording.events[n].astype(int) for n in "xy"), strict=True))
    lone = [
        all(max(abs(a - b) for a, b in zip(place, beside, strict=True)) > 1
            for j, beside in enumerate(places) if j != i)
        for i, place in enumerate(places)
    ]  # fmt: skip
    assert values["lone_share"] == pytest.approx(np.mean(lone), rel=6e-4)


def test_bursts_by_hand():
    """Three windows of 15 ms, of which the second is empty; what comes after 45 ms is in none."""
    first = (3, 4)
    second = (4, 4)
    third = (20, 30)
    rows = [
        (ms(0), *first, True),
        (ms(2), *second, True),
        (ms(4), *first, True),
        (ms(10), *first, False),
        (ms(33), *third, True),
        (ms(44), *third, True),
        (ms(46), *first, False),
        (ms(50), *second, True),
    ]
    values = bursts_of(from_rows(rows, (34, 34)))
    # Four events of two pixels, then two of one.
    assert values["window_events"] == 3
    assert values["window_pixels"] == 1.5
    # One pixel of two sends several, then the only one does.
    assert values["burst_share"] == 0.75
    # Intervals of one polarity: 4 and 36 ms at the first pixel, 48 and 11 ms at the others.
    assert values["interval_ms"] == 23.5
    assert values["short_interval_share"] == 0.25
    # One event has no interval and fills no window.
    alone = bursts_of(from_rows(rows[:1], (34, 34)))
    assert all(math.isnan(value) for value in alone.values())


@settings(max_examples=50, deadline=None)
@given(any_recording(3, 2, gap=10_000))
def test_bursts_are_counted_one_by_one(recording):
    events = recording.events
    times_ms = (events["t"] - events["t"][0]) / 1000
    n_windows = int(times_ms[-1] // 15)
    windows = [{} for _ in range(n_windows)]
    repeats = []
    latest = {}
    for time, x, y, on in zip(times_ms, *(events[name].tolist() for name in "xyp"), strict=True):
        if time < 15 * n_windows:
            counts = windows[int(time // 15)]
            counts[x, y] = counts.get((x, y), 0) + 1
        before, polarity = latest.get((x, y), (0, None))
        if polarity == on:
            repeats.append(time - before)
        latest[x, y] = time, on
    windows = [counts for counts in windows if counts]
    values = bursts_of(recording)
    expected = {
        "window_events": [sum(counts.values()) for counts in windows],
        "window_pixels": [len(counts) for counts in windows],
        "burst_share": [
            sum(count > 1 for count in counts.values()) / len(counts) for counts in windows
        ],
        "short_interval_share": [interval < 10 for interval in repeats],
    }
    for name, of_each in expected.items():
        mean = np.mean(of_each) if of_each else math.nan
        assert values[name] == pytest.approx(mean, rel=6e-4, nan_ok=True), name
    middle = np.median(repeats) if repeats else math.nan
    assert values["interval_ms"] == pytest.approx(middle, rel=6e-4, nan_ok=True)


def test_shipped_statistics_are_of_the_thousand_twins():
    n_shown = STATISTICS.index.str[0].astype(int).value_counts().sort_index()
    assert n_shown.tolist() == list(TWINS_PER_DIGIT)
    assert STATISTICS.notna().all().all()
    assert (STATISTICS["n_events"].min(), STATISTICS["n_events"].max()) == (1112, 7152)


@needs_real_files
def test_shipped_statistics_are_those_of_the_real_recordings():
    twins = real_twins(TRAIN)
    for symbol in list(twins)[::50]:
        assert statistics_of(read_recording(twins[symbol])) == STATISTICS.loc[symbol].to_dict(), (
            symbol
        )
