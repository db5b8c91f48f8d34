"""What a network reads in eight orientations: one that knows a figure finds how it lies."""

import numpy as np
import pandas as pd
import pytest
from jobs import quiet
from made_recordings import from_columns
from pages import make_choice

from dvs_snn.events.placement import Placement, place
from dvs_snn.events.recording import write_recording
from dvs_snn.files.tables import write_table
from dvs_snn.inference.engines.interface import Spiking
from dvs_snn.inference.response import Response
from dvs_snn.report.preview.orientations import (
    read_all_ways,
    reading_of,
    trained_network,
    ways_of,
)
from dvs_snn.report.preview.page import orientation_table, orientation_words
from dvs_snn.results.choice import CHOICE_TABLE
from dvs_snn.sources.split_table import split_row

UPRIGHT = {"zoom": 1.0, "rotate": 0, "flip": "none"}
FIGURE = np.zeros((64, 64), bool)
FIGURE[10:50, 20:24] = FIGURE[46:50, 20:40] = FIGURE[10:14, 24:28] = True
"""A figure that looks otherwise in each of the eight orientations."""

MOVES = {
    "as it is": lambda image: image,
    "turned": np.rot90,
    "upside down": np.flipud,
    "mirrored": np.fliplr,
    "turned and mirrored": lambda image: np.fliplr(np.rot90(image)),
    "half a turn": lambda image: np.rot90(image, 2),
    "three quarters": lambda image: np.rot90(image, 3),
    "transposed": np.transpose,
}


def knows_the_figure() -> Spiking:
    """A network: output 4 fires for each pixel of the upright figure, 9 for each second other."""

    def respond(recordings):
        for steps in recordings:
            seen = steps.pixel_counts()[0] > 0
            spikes = np.zeros((1, 10), np.int64)
            spikes[0, 4], spikes[0, 9] = (seen & FIGURE).sum(), (seen & ~FIGURE).sum() // 2
            yield Response(spikes, (), np.zeros(1, np.int64))

    return Spiking((), respond)


def listed(tmp_path, image, label=4, where=UPRIGHT, n=1) -> pd.DataFrame:
    """Write recordings of an image and return their rows of a split table."""
    y, x = np.nonzero(image)
    recording = from_columns(np.arange(len(x)) * 100, x, y, sensor_size=(64, 64))
    rows = []
    for number in range(n):
        path = tmp_path / f"{number}.npz"
        write_recording(path, recording)
        placed = Placement(where["zoom"], where["rotate"], where["flip"])
        rows.append(split_row(path.name, path, "4/a", label, "set", recording, placed))
    return pd.DataFrame(rows)


def read(rows, where=UPRIGHT):
    return read_all_ways(knows_the_figure(), rows, where, 10_000, quiet())


@pytest.mark.parametrize("move", MOVES)
def test_a_network_reads_the_right_orientation_best(move, tmp_path):
    labels, ways = read(listed(tmp_path, MOVES[move](FIGURE)))
    best = max(ways, key=lambda way: way.mean_lead)
    assert (labels, best.readings[0].predicted) == ([4], 4)
    assert best.mean_lead == best.readings[0].n_spikes == FIGURE.sum()
    # Its settings lay the figure upright.
    y, x = np.nonzero(MOVES[move](FIGURE))
    placed = place(
        from_columns(np.arange(len(x)), x, y, sensor_size=(64, 64)),
        Placement(1.0, best.rotate, best.flip),
    )
    seen = np.zeros((64, 64), bool)
    seen[placed.row, placed.column] = True
    np.testing.assert_array_equal(seen, FIGURE)
    assert sum(way.readings[0].lead == FIGURE.sum() for way in ways) == 1


@pytest.mark.parametrize("flip", ["none", "x", "y", "xy"])
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_the_first_orientation_is_how_the_settings_lay_them(flip, rotate, tmp_path):
    where = {"zoom": 1.0, "rotate": rotate, "flip": flip}
    rows = listed(tmp_path, FIGURE, where=where)
    _, ways = read(rows, where)
    y, x = np.nonzero(FIGURE)
    placed = place(
        from_columns(np.arange(len(x)), x, y, sensor_size=(64, 64)), Placement(1.0, rotate, flip)
    )
    right = int(FIGURE[placed.row, placed.column].sum())
    assert ways[0].readings[0].lead == abs(right - (FIGURE.sum() - right) // 2)
    assert len(set(ways_of(where))) == 8


def test_words_on_a_folder(tmp_path):
    labels, ways = read(listed(tmp_path, np.fliplr(FIGURE), n=3))
    words = orientation_words(labels, ways)
    assert words.startswith("It reads 0.0\u00a0% of 3 recordings right as they lie, and 100.0")
    assert words.endswith("with flip: x, rotate: 0.")
    assert orientation_table(labels, ways).count("<tr>") == 9
    labels, ways = read(listed(tmp_path, np.fliplr(FIGURE), label=-1, n=3))
    assert ways[0].right_share(labels) is None
    assert "No label says what is right" in orientation_words(labels, ways)
    assert "read right" not in orientation_table(labels, ways)


def test_a_silent_network_reads_nothing():
    reading = reading_of(np.zeros((3, 10), np.int64))
    assert (reading.predicted, reading.lead, reading.n_spikes) == (None, 0, 0)


SETTINGS = {
    "inference": {"engine": "event", "device": "cpu"},
    "variants": {"plain": {}, "lean": {}, "gone": None},
    "seeds": [1, 2],
    "sweep": {"scales": [0.5, 0.9, 2.0]},
}


def test_the_network_is_that_of_the_answer(tmp_path):
    assert trained_network(SETTINGS, tmp_path) is None
    for name in ("networks/lean/seed-1", "networks/plain/seed-2"):
        file = tmp_path / f"{name}.events.npz"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    found = trained_network(SETTINGS, tmp_path)
    assert (found.variant, found.seed, found.scale, found.method) == ("lean", 1, 0.9, "")
    choice = make_choice().reindex(columns=list(CHOICE_TABLE))
    (tmp_path / "tables").mkdir()
    write_table(choice, tmp_path / "tables/choice.csv", CHOICE_TABLE)
    found = trained_network(SETTINGS, tmp_path)
    assert (found.variant, found.seed, found.scale) == ("plain", 2, 2.0)
    assert found.method == "rescaled"
