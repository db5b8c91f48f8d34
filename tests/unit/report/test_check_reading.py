"""What a network reads in eight orientations: one that knows a figure finds how it lies."""

import numpy as np
import pandas as pd
import pytest
from jobs import quiet
from made_recordings import from_columns

from dvs_snn.engines.response import Response
from dvs_snn.engines.spiking import Spiking
from dvs_snn.recordings.folders.split_table import split_row
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.recordings.recording import write_recording
from dvs_snn.report.check import read_all_ways, ways_words

UPRIGHT = Placement()
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
            seen = steps.dense(0, steps.n_steps).sum(axis=0)[0] > 0
            spikes = np.zeros((1, 10), np.int64)
            spikes[0, 4], spikes[0, 9] = (seen & FIGURE).sum(), (seen & ~FIGURE).sum() // 2
            yield Response(spikes, (), np.zeros(1, np.int64))

    return Spiking((), respond)


def recording_of(image: np.ndarray):
    y, x = np.nonzero(image)
    return from_columns(np.arange(len(x)) * 100, x, y, sensor_size=(64, 64))


def read(tmp_path, image, placed=UPRIGHT, n=1) -> pd.DataFrame:
    recording, rows = recording_of(image), []
    for number in range(n):
        write_recording(path := tmp_path / f"{number}.npz", recording)
        rows.append(split_row(path.name, path, "4/a", 4, "set", recording, placed))
    return read_all_ways(knows_the_figure(), pd.DataFrame(rows), placed, 10_000, quiet())


@pytest.mark.parametrize("move", MOVES)
def test_a_network_reads_the_right_orientation_best(move, tmp_path):
    ways = read(tmp_path, MOVES[move](FIGURE))
    best = ways.loc[ways["lead"].idxmax()]
    assert (best["right"], best["lead"]) == (1, FIGURE.sum())
    assert (ways["lead"] == FIGURE.sum()).sum() == 1
    # Its settings lay the figure upright.
    placement = Placement(1.0, best["rotate"], best["flip"])
    placed = place(recording_of(MOVES[move](FIGURE)), placement)
    seen = np.zeros((64, 64), bool)
    seen[placed.row, placed.column] = True
    np.testing.assert_array_equal(seen, FIGURE)


@pytest.mark.parametrize(("flip", "rotate"), [("none", 0), ("x", 90), ("y", 180), ("xy", 270)])
def test_the_first_orientation_is_how_the_settings_lay_them(flip, rotate, tmp_path):
    ways = read(tmp_path, FIGURE, Placement(1.0, rotate, flip))
    placed = place(recording_of(FIGURE), Placement(1.0, rotate, flip))
    right = int(FIGURE[placed.row, placed.column].sum())
    assert ways["lead"].iloc[0] == abs(right - (FIGURE.sum() - right) // 2)
    assert len(set(zip(ways["flip"], ways["rotate"], strict=True))) == 8


def test_words_name_the_best_orientation(tmp_path):
    words = ways_words(read(tmp_path, np.fliplr(FIGURE), n=3))
    assert words.startswith("The network reads 0.0\u00a0% of 3 recordings right as they lie, and")
    assert words.endswith("with flip: x, rotate: 0.")
