"""The player's film holds every event where and when it was, and its facts are the network's."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawings import STEP_MS, make_events, make_reading
from pages import make_recordings
from PIL import Image

from dvs_snn.files.tables import schema, write_table
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.report import player
from dvs_snn.report.cells import label_text
from dvs_snn.report.recorded import Shown, _stopped
from dvs_snn.settings.data import TEN_DIGITS, Classes


@pytest.mark.parametrize("has_polarity", [True, False])
@pytest.mark.parametrize(("size", "square"), [((34, 34), 1), ((128, 128), 2), ((346, 260), 6)])
def test_a_tile_counts_the_events_of_its_frame(has_polarity, size, square):
    found = make_events(2000).events.copy()
    found["x"] = found["x"] * (size[0] - 1) // 33
    found["y"] = found["y"] * (size[1] - 1) // 33
    counts = player.film_counts(EventRecording(found, size, has_polarity), 40_000, 8)
    expected = np.zeros_like(counts)
    for t, x, y, p in found.tolist():
        kind = 1 if has_polarity and not p else 0
        expected[(t - found["t"][0]) // 40_000, kind, y // square, x // square] += 1
    np.testing.assert_array_equal(counts, expected)
    assert counts.sum() == 2000
    assert max(counts.shape[2:]) <= player.TILE


def test_any_sensor_gives_small_tiles_without_the_events_after_the_last_step():
    recording = make_events(500, 100_000)
    within = (recording.events["t"] - recording.events["t"][0] < 40_000).sum()
    for size in ((34, 34), (65_536, 65_536), (1, 65_536), (65_536, 1)):
        events = recording.events.copy()
        for name, most in zip("xy", size, strict=True):
            events[name] = np.minimum(events[name], most - 1)
        counts = player.film_counts(EventRecording(events, size), 10_000, 4)
        assert counts[0].size <= 2 * player.TILE**2
        assert counts.sum() == within


def opened(path: Path) -> np.ndarray:
    """A film as RGBA (frame, height, width, 4), blank tiles at the end included."""
    sheet = np.asarray(Image.open(path).convert("RGBA"))
    side = sheet.shape[1] // player.COLUMNS
    tiles = sheet.reshape(-1, side, player.COLUMNS, side, 4)
    return tiles.swapaxes(1, 2).reshape(-1, side, side, 4)


def test_a_pixel_is_seen_where_events_are_in_the_colour_of_its_polarity(tmp_path):
    counts = player.film_counts(make_events(), 10_000, 30)
    player.save_film(counts, tmp_path / "film.png")
    tiles = opened(tmp_path / "film.png")
    assert len(tiles) == 32
    assert not tiles[30:, ..., 3].any()
    np.testing.assert_array_equal(tiles[:30, ..., 3] > 0, counts.sum(axis=1) > 0)
    on, off = counts[:, 0] > 0, counts[:, 1] > 0
    assert np.unique(tiles[:30][on & ~off][:, :3], axis=0).tolist() == [[0x00, 0x72, 0xB2]]
    assert np.unique(tiles[:30][off & ~on][:, :3], axis=0).tolist() == [[0xD5, 0x5E, 0x00]]


def test_more_events_are_more_opaque_and_without_polarity_grey(tmp_path):
    counts = np.zeros((1, 1, 34, 34), np.int64)
    counts[0, 0, :, :4] = range(4)
    player.save_film(counts, tmp_path / "film.png")
    pixels = opened(tmp_path / "film.png")[0, 0, :4]
    assert pixels[:, 3].tolist() == list(player.OPACITY)
    assert len(np.unique(pixels[1:, :3])) == 1


@pytest.mark.parametrize("steps", [1, 4, 7])
def test_facts_are_the_networks_up_to_the_end_of_each_frame(steps):
    read = make_reading(30)
    facts = player.frame_facts(read, steps)
    ends = [*range(steps, 30, steps), 30]
    assert facts["spikes"] == [read.spikes[:end].sum(axis=0).tolist() for end in ends]
    reads = [read.running[end - 1] for end in ends]
    assert facts["reads"] == [None if digit < 0 else digit for digit in reads]
    seconds = np.diff([0, *ends]) * STEP_MS / 1000
    parts = [read.synops[start:end].sum() for start, end in zip([0, *ends], ends, strict=False)]
    np.testing.assert_allclose(facts["synops_per_s"] * seconds, parts, atol=0.5)
    assert facts["mean_synops_per_s"] == round(read.synops.sum() / 0.3)
    assert (facts["frame_ms"], facts["duration_ms"], facts["shown"]) == (steps * 10, 300, 3)


def test_after_its_exit_a_network_neither_spikes_nor_spends():
    whole = make_reading(30)
    spikes = whole.spikes[:12].sum(axis=0)
    # It stops within the 13th step, in which it has no output spike before.
    read = _stopped(whole, 12.4, spikes, int(whole.synops[:12].sum() + 5))
    facts = player.frame_facts(read, 1)
    assert facts["exit_ms"] == 124
    assert facts["spikes"][11:] == [spikes.tolist()] * 19
    assert set(facts["reads"][12:]) == {3}
    assert facts["synops_per_s"][12:] == [500] + [0] * 17
    assert facts["mean_synops_per_s"] == round((whole.synops[:12].sum() + 5) / 0.124)


def test_facts_of_a_silent_network_without_a_label_and_of_other_classes():
    facts = player.frame_facts(make_reading(label=float("nan"), silent=True), 1)
    assert facts["shown"] is None
    assert facts["reads"] == [None] * 30
    names = [f"c{k}" for k in range(10)]
    facts = player.frame_facts(make_reading(label="c7"), 1, Classes(names))
    assert (facts["names"], facts["word"], facts["shown"]) == (names, "class", 7)


def test_a_recordings_files_are_small_and_repeat_byte_for_byte(tmp_path):
    found, read = make_events(50_000, 5_195_000).events, make_reading(520)
    np.savez(tmp_path / "A.npz", **{name: found[name] for name in "txyp"})
    sweep = tmp_path / "plain/seed-1/A.npz"
    sweep.parent.mkdir(parents=True)
    names = ("spikes", "running", "synops")
    # Of two scales the second is chosen.
    stored = {name: np.stack([getattr(read, name) * 0, getattr(read, name)]) for name in names}
    np.savez(sweep, scales=np.array([1.0, 2.0]), step_us=np.int64(10_000), **stored)
    rows = make_recordings().reindex(columns=schema("recordings"))
    rows = rows.assign(label=rows["label"].map(label_text))
    write_table(rows, tmp_path / "recordings.csv", "recordings")
    write_table(pd.DataFrame(columns=schema("choice")), tmp_path / "choice.csv", "choice")
    made = []
    for copy in ("first", "second"):
        folder = tmp_path / copy
        folder.mkdir()
        job = player.RecordingJob(
            events=tmp_path / "A.npz",
            sweeps=[sweep],
            recordings=tmp_path / "recordings.csv",
            choice=tmp_path / "choice.csv",
            shown=Shown("A", None, (34, 34), "simulated", True, None),
            classes=TEN_DIGITS,
            film=folder / "film.png",
            player=folder / "player.json",
            parts=folder / "parts.png",
        )
        player.plot_recording(job)
        written = [job.film, job.player, job.parts]
        made.append([path.read_bytes() for path in written])
    assert made[0] == made[1]
    assert len(made[0][0]) < 80_000
    assert len(made[0][1]) < 30_000
    facts = json.loads(made[0][1])
    assert facts["title"] == "Recording A (simulated; plain, scale 2.00, seed 1)"
    assert facts["caption"].startswith("The events of 40 ms at a time, ON in blue")
    assert facts["tile"] == [34, 34]
    assert facts["spikes"][-1] == read.spikes.sum(axis=0).tolist()
    assert len(facts["reads"]) == 130
    sheet = Image.open(tmp_path / "first/film.png")
    assert sheet.size == (34 * facts["columns"], 34 * 9)
