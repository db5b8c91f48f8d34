"""What lessons are made of: chosen recordings, their frames or steps, and the mixture, by hand."""

from collections import Counter

import numpy as np
import pytest
from made_recordings import on_network

from dvs_snn.datasets.samples import PlacedRecording
from dvs_snn.files.errors import StudyError
from dvs_snn.realism.learning.in_steps import SHIFT_PX, mixed_recordings, real_recordings
from dvs_snn.realism.learning.lessons import DRAWS, REAL_SHARE, Lesson, chosen_recordings
from dvs_snn.realism.learning.on_frames import mixed_frames, real_frames
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.simulation.learning import Learning
from dvs_snn.training.materials.frames import Frames
from dvs_snn.training.materials.recordings import Recordings

RULE = FrameRule("events", 10, 4, 1.0)


def recording(digit: int, number: int, n_events: int = 30) -> PlacedRecording:
    """All its events lie in the row that is its label."""
    placed = on_network(np.arange(n_events), np.full(n_events, digit), 17 + np.arange(n_events))
    return PlacedRecording("", f"{digit}/{number:04d}", digit, "", placed)


def test_lessons_are_named_by_their_real_recordings():
    assert Learning().lessons == []
    assert Learning(recordings=(100, 10)).lessons == ["0", "10", "100", "100-alone"]
    assert Lesson.named("0") == Lesson(0, True)
    assert Lesson.named("100-alone") == Lesson(100, False)


def test_real_recordings_are_of_the_odd_half_and_spread_over_the_digits():
    twins = [recording(digit, number) for digit in range(10) for number in range(1, 21)]
    for n in (10, 25, 100):
        chosen = chosen_recordings(twins, n, np.random.default_rng(n))
        symbols = [one.symbol for one in chosen]
        assert len(set(symbols)) == n
        assert all(int(symbol[2:]) % 2 for symbol in symbols)
        counts = Counter(one.label for one in chosen)
        assert set(counts.values()) <= {n // 10, -(-n // 10)}
    assert [one.symbol for one in chosen_recordings(twins, 25, np.random.default_rng(1))] != [
        one.symbol for one in chosen_recordings(twins, 25, np.random.default_rng(2))
    ]


def test_more_real_recordings_than_there_are_end_in_a_sentence():
    twins = [recording(0, number) for number in range(1, 9)]
    with pytest.raises(StudyError, match=r"recordings holds 5, but .* only 4 recordings"):
        chosen_recordings(twins, 5, np.random.default_rng(1))


def test_a_real_recording_gives_frames_of_many_lengths_and_places():
    one, other = recording(20, 1), recording(44, 3)
    pixels, labels = real_frames([one, other], RULE, [5, 30], np.random.default_rng(1))
    assert pixels.shape[1:] == (1, 64, 64)
    assert pixels.dtype == np.uint8
    assert set(labels) == {20, 44}
    counts = pixels.sum(axis=3)[:, 0].astype(int)
    rows = (counts * np.arange(64)).sum(axis=1) / counts.sum(axis=1)
    # Turned by at most 8 degrees and shifted by at most 2 pixels, no frame leaves its recording.
    assert np.abs(rows - labels).max() < 9
    assert len({round(row, 1) for row in rows}) > DRAWS
    assert len(set(counts.sum(axis=1))) > 4
    again, _ = real_frames([one, other], RULE, [5, 30], np.random.default_rng(1))
    assert (again == pixels).all()


def frames(n: int, n_validation: int) -> Frames:
    pixels = np.zeros((n + n_validation, 1, 64, 64), np.uint8)
    pixels[:, 0, 0, 0] = 1
    labels = np.arange(n + n_validation) % 10
    return Frames(pixels, labels, np.arange(n), np.arange(n, n + n_validation))


@pytest.mark.parametrize("simulated", [True, False])
def test_every_lesson_takes_as_many_frames_of_both_kinds(simulated):
    ours = frames(1000, 20)
    pixels, labels = np.full((7, 1, 64, 64), 9, np.uint8), np.arange(7)
    both = mixed_frames(ours, (pixels, labels), Lesson(7, simulated))
    assert len(both.rows) == 1000
    is_real = both.frames[both.rows, 0, 0, 0] == 9
    assert is_real.mean() == pytest.approx(REAL_SHARE if simulated else 1.0)
    # Real frames come again equally often; simulated ones come once, spread over all of them.
    again = Counter(both.labels[both.rows[is_real]].tolist())
    assert set(again) == set(range(7))
    assert max(again.values()) - min(again.values()) <= 1
    kept = both.rows[~is_real]
    assert len(set(kept)) == len(kept)
    if simulated:
        assert np.abs(np.diff(kept)).max() == 2
    assert (both.frames[both.validation_rows] == ours.frames[ours.validation_rows]).all()
    assert (both.labels[both.validation_rows] == ours.labels[ours.validation_rows]).all()


def test_an_epoch_of_a_lesson_is_no_longer_than_it_needs(monkeypatch):
    monkeypatch.setitem(mixed_frames.__globals__, "FRAMES", 100)
    ours = frames(1000, 20)
    without = mixed_frames(ours, None, Lesson(0, True))
    assert len(without.rows) == 100
    assert (np.abs(np.diff(without.rows) - 10) <= 1).all()
    real = np.full((7, 1, 64, 64), 9, np.uint8), np.arange(7)
    assert len(mixed_frames(ours, real, Lesson(7, True)).rows) == 100
    assert len(mixed_frames(ours, real, Lesson(7, False)).rows) == 100


def test_a_real_recording_comes_in_steps_at_many_places():
    # Row 62 of 64: shifted downwards by two rows, all events leave the network.
    placed = on_network(10_000 * np.arange(30), np.full(30, 62), 17 + np.arange(30))
    one = PlacedRecording("", "6/0001", 6, "", placed)
    rng = np.random.default_rng(1)
    taken = [step for _ in range(4) for step in real_recordings([one], 20_000, rng)]
    assert len(taken) == 4 * DRAWS
    places = set()
    for binned in taken:
        steps = binned.steps
        assert (binned.symbol, binned.label, steps.n_steps) == ("6/0001", 6, 15)
        assert len(steps.step) + binned.n_outside == 30
        if not len(steps.step):
            places.add((64 - 62, None))
            continue
        # Two events a step, in their order, side by side as before.
        assert (steps.step == np.arange(30) // 2).all()
        (row,) = set(steps.row.tolist())
        assert (steps.column == steps.column[0] + np.arange(30)).all()
        places.add((row - 62, int(steps.column[0]) - 17))
    rows = {row for row, _ in places}
    assert rows == set(range(-SHIFT_PX, SHIFT_PX + 1))
    assert {column for _, column in places} >= set(range(-SHIFT_PX, SHIFT_PX + 1))


@pytest.mark.parametrize("simulated", [True, False])
def test_every_lesson_takes_as_many_recordings_in_steps(simulated, monkeypatch):
    monkeypatch.setitem(mixed_recordings.__globals__, "RECORDINGS", 200)
    rng = np.random.default_rng(1)
    ours = Recordings(real_recordings([recording(1, k) for k in range(100)], 10, rng), frames(1, 2))
    real = real_recordings([recording(7, k) for k in range(1, 4)], 10, rng)
    both = mixed_recordings(ours, real, Lesson(3, simulated))
    assert len(both.rows) == 200
    taken = Counter(one.symbol for one in both.recordings if one.label == 7)
    assert sum(taken.values()) == (200 * REAL_SHARE if simulated else 200)
    assert set(taken) == {"7/0001", "7/0002", "7/0003"}
    kept = {one.symbol for one in both.recordings if one.label == 1}
    assert len(kept) >= 90 if simulated else not kept
    assert both.validation is ours.validation
    alone = mixed_recordings(ours, [], Lesson(0, True))
    assert len(alone.rows) == 200
    assert {one.label for one in alone.recordings} == {1}
