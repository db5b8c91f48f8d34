"""Pairs of real and simulated recordings: hand-worked tables, known shifts, the real files."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_recordings import from_rows
from real_files import REAL, needs_real_files

from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import read_shipped
from dvs_snn.probes.pairs import (
    event_map,
    map_correlations,
    paired_table,
    with_readings,
)
from dvs_snn.probes.twins import (
    SACCADE_BORDERS_MS,
    TWIN_COLUMNS,
    TWIN_SENSOR,
    TWINS_PER_DIGIT,
    half_of,
    real_twins,
    twin_record,
)
from dvs_snn.recordings.recording import read_recording

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "workflow" / "data" / "nmnist-twins.tsv"
TRAIN = REAL / "nmnist" / "train"
SYMBOLS = [f"{digit}/{k:04d}" for digit, n in enumerate(TWINS_PER_DIGIT) for k in range(1, n + 1)]


@pytest.fixture
def thousand(tmp_path):
    """Empty files with N-MNIST's names: digit after digit, ids interleaved."""
    left = list(TWINS_PER_DIGIT)
    recording_id = 0
    while sum(left):
        for digit in range(10):
            if left[digit]:
                left[digit] -= 1
                recording_id += 1
                path = tmp_path / str(digit) / f"{recording_id:05d}.bin"
                path.parent.mkdir(exist_ok=True)
                path.touch()
    return tmp_path


def test_twins_are_paired_by_ids_sorted_as_numbers(thousand):
    (thousand / "1" / "01001.bin").touch()  # the whole of N-MNIST goes on
    for before, after in (("00001", "1"), ("00011", "0011")):
        (thousand / "0" / f"{before}.bin").rename(thousand / "0" / f"{after}.bin")
    twins = real_twins(thousand)
    assert list(twins) == SYMBOLS
    assert [twins[f"0/{k:04d}"].stem for k in (1, 2, 3)] == ["1", "0011", "00021"]
    assert twins["9/0002"] == thousand / "9" / "00020.bin"
    assert twins["1/0116"].stem < "01001"


def test_another_number_of_recordings_is_refused_and_other_files_are_left_alone(thousand):
    (thousand / "4" / "copy of 00005.bin").touch()
    assert len(real_twins(thousand)) == 1000
    next((thousand / "0").iterdir()).unlink()
    with pytest.raises(StudyError, match="96 recordings.*expected 97; "):
        real_twins(thousand)


def test_record_by_hand():
    borders_us = [round(1000 * border) for border in SACCADE_BORDERS_MS]
    first = 700
    times = [0, borders_us[0] - 1, borders_us[0], borders_us[1] - 1, borders_us[1], 300_000]
    rows = [(first + t, 1, 2, on) for t, on in zip(times, [1, 0, 0, 0, 0, 0], strict=True)]
    rows.append((first + 300_000, 3, 3, 0))
    record = twin_record("3/0001", from_rows(rows, TWIN_SENSOR))
    assert tuple(record) == TWIN_COLUMNS
    assert list(record.values()) == ["3/0001", 7, pytest.approx(1 / 7), 0.3, 2, 2, 3]


def test_map_counts_rows_and_columns_of_the_real_sensor():
    rows = [(0, 5, 2, True), (1, 5, 2, False), (2, 33, 0, True)]
    counts = event_map(from_rows(rows, TWIN_SENSOR))
    assert (counts.shape, counts.dtype) == ((34, 34), np.float64)
    assert (counts[2, 5], counts[0, 33], counts.sum()) == (2, 1, 3)
    with pytest.raises(StudyError, match=r"\(128, 128\) pixels, expected \(34, 34\)"):
        event_map(from_rows(rows, (128, 128)))


def _maps(seed, n=2):
    return np.random.default_rng(seed).poisson(3.0, (n, 34, 34)).astype(float)


def test_map_correlation_is_numpys_of_each_pair():
    real, simulated = _maps(1), _maps(1001)
    correlations = map_correlations(real, simulated)
    for left, right, correlation in zip(real, simulated, correlations, strict=True):
        assert correlation == pytest.approx(np.corrcoef(left.ravel(), right.ravel())[0, 1])
    assert math.isnan(map_correlations(real, np.ones_like(real))[0])


def _pairs(rows, **columns):
    """Pairs of (symbol, real events, our events); shares and saccades by simple rules."""
    frame = pd.DataFrame(rows, columns=["symbol", "real_n_events", "ours_n_events"])
    frame["label"] = frame["symbol"].str[0].astype(int)
    for side in ("real", "ours"):
        n = frame[f"{side}_n_events"]
        frame[f"{side}_on_share"] = 0.5
        for saccade, events in enumerate((n // 2, n // 4, n - n // 2 - n // 4), start=1):
            frame[f"{side}_events_saccade_{saccade}"] = events
    frame["map_correlation"] = 0.9
    frame["map_correlation_shuffled"] = 0.3
    return frame.assign(**columns)


PAIRS = [
    ("3/0001", 100, 110),
    ("3/0002", 400, 300),
    ("3/0003", 300, 310),
    ("3/0005", 200, 250),
    ("7/0001", 800, 400),
    ("7/0003", 400, 800),
]


def _cells(pairs, seed=0):
    table = paired_table(pairs, seed)
    assert tuple(table.columns) == ("half", "digit", "quantity", "value", "shuffled", "n")
    assert not table.duplicated(["half", "digit", "quantity"]).any()
    return table.set_index(["half", "digit", "quantity"])


def test_paired_counts_by_hand():
    maps = [0.9, 0.1, 0.7, 0.8, 0.2, math.nan]
    cells = _cells(_pairs(PAIRS, map_correlation=maps, map_correlation_shuffled=0.25))
    expected = np.corrcoef([100, 300, 200], [110, 310, 250])[0, 1]
    assert cells.loc[("odd", "3", "count_correlation"), "value"] == pytest.approx(expected)
    assert cells.loc[("odd", "7", "count_correlation"), "value"] == pytest.approx(-1)
    # Not the correlation over all symbols, but the mean over the digits.
    overall = cells.loc[("odd", "all", "count_correlation")]
    assert overall["value"] == pytest.approx((expected - 1) / 2)
    assert overall["n"] == 5
    assert cells.loc[("odd", "3", "count_ratio"), "value"] == pytest.approx(670 / 600)
    assert cells.loc[("odd", "all", "count_ratio"), "value"] == pytest.approx(1870 / 1800)
    assert cells.loc[("all", "all", "count_ratio"), "value"] == pytest.approx(2170 / 2200)
    assert cells.loc[("all", "3", "count_ratio"), "n"] == 4
    assert math.isnan(cells.loc[("all", "3", "count_ratio"), "shuffled"])
    # One symbol has no correlation.
    assert cells.loc[("even", "3", "count_ratio"), "value"] == 0.75
    assert cells.loc[("even", "3", "count_correlation"), ["value", "shuffled"]].isna().all()
    # Two symbols have one other pairing only. Three have two, both rounds.
    shuffled = cells["shuffled"]
    assert shuffled["odd", "7", "count_correlation"] == pytest.approx(1)
    rounds = [
        np.corrcoef([100, 300, 200], ours)[0, 1] for ours in ([310, 250, 110], [250, 110, 310])
    ]
    assert min(rounds) <= shuffled["odd", "3", "count_correlation"] <= max(rounds)
    # Of maps the means, over all those of the digits.
    values = [cells["value"]["odd", digit, "map_correlation"] for digit in ("3", "7", "all")]
    assert values == pytest.approx([0.8, 0.2, 0.5])
    assert shuffled["odd", "all", "map_correlation"] == pytest.approx(0.25)
    order = list(dict.fromkeys(f"{half} {digit}" for half, digit, _ in cells.index))
    assert order == "odd 3,odd 7,odd all,even 3,even all,all 3,all 7,all all".split(",")


def test_shuffling_breaks_a_correlation_and_is_governed_by_the_seed():
    random = np.random.default_rng(0)
    counts = random.integers(1000, 7000, 60)
    rows = [(f"4/{k:04d}", n, n + 10) for k, n in enumerate(counts, start=1)]
    first, again, other = (
        _cells(_pairs(rows), seed).loc[("all", "4", "count_correlation")] for seed in (1, 1, 2)
    )
    assert first["value"] == pytest.approx(1)
    assert abs(first["shuffled"]) < 0.15
    assert again["shuffled"] == first["shuffled"] != other["shuffled"]


def test_shares_are_sum_over_sum():
    pairs = _pairs([("3/0001", 100, 50), ("3/0003", 300, 150)])
    pairs["real_on_share"] = [0.2, 0.6]
    pairs["real_events_saccade_1"] = [10, 290]
    cells = _cells(pairs)
    for digit in ("3", "all"):
        value = cells["value"].xs(("odd", digit), level=("half", "digit"))
        assert value["on_share_real"] == pytest.approx((20 + 180) / 400)
        assert value["on_share_ours"] == pytest.approx(0.5)
        assert value["saccade_1_share_real"] == pytest.approx(300 / 400)
        assert value["saccade_1_share_ours"] == pytest.approx(100 / 200)
        assert value["saccade_2_share_ours"] == pytest.approx((12 + 37) / 200)
        assert value["saccade_3_share_ours"] == pytest.approx((13 + 38) / 200)


def test_accuracy_and_agreement_by_hand():
    predictions = {
        # Symbols of 3, 3, 3, 3, 7, 7; the second is the only even one.
        "real_predicted": [3.0, 3, 5, math.nan, 7, 7],
        "ours_predicted": [3.0, 8, 5, math.nan, 7, 1],
    }
    cells = _cells(_pairs(PAIRS, **predictions))
    value = cells["value"]
    # Of 3, 3, 3 the real ones are read 3, 5, silent.
    assert value["odd", "3", "accuracy_real"] == pytest.approx(1 / 3)
    assert value["odd", "all", "accuracy_real"] == pytest.approx(3 / 5)
    assert value["odd", "all", "accuracy_ours"] == pytest.approx(2 / 5)
    # 5 and 5 agree though both are wrong; silence agrees with nothing.
    assert value["odd", "3", "agreement"] == pytest.approx(2 / 3)
    assert value["odd", "7", "agreement"] == pytest.approx(1 / 2)
    assert value["odd", "all", "agreement"] == pytest.approx(3 / 5)
    shuffled = cells["shuffled"]
    assert shuffled["odd", "7", "agreement"] == pytest.approx(1 / 2)
    assert shuffled["odd", "3", "agreement"] == 0
    assert shuffled["odd", "all", "agreement"] == pytest.approx((0 * 3 + 0.5 * 2) / 5)
    assert math.isnan(shuffled["odd", "all", "accuracy_ours"])


def test_predictions_as_the_table_has_them_are_numbers_beside_the_pairs():
    rows = [("real-twins", "3/0001", "3"), ("saccades-test", "3/0001", ""),
            ("real-twins", "7/0001", "1"), ("saccades-test", "7/0001", "7")]  # fmt: skip
    predictions = pd.DataFrame(rows, columns=["set", "symbol", "predicted"])
    pairs = pd.DataFrame({"symbol": ["3/0001", "7/0001"], "label": [3, 7]})
    read = with_readings(pairs, predictions)
    assert (read["real_predicted"] == read["label"]).tolist() == [True, False]
    assert (read["ours_predicted"] == read["label"]).tolist() == [False, True]
    assert read["ours_predicted"].isna().tolist() == [True, False]


def test_shipped_twins():
    table = read_shipped(SHIPPED, TWIN_COLUMNS)
    assert table.shape == (1000, 7)
    assert table["symbol"].tolist() == SYMBOLS
    assert [half_of(symbol) for symbol in ("0/0001", "9/0100")] == ["odd", "even"]
    saccades = table[[f"events_saccade_{i}" for i in (1, 2, 3)]]
    assert (saccades.sum(axis=1) == table["n_events"]).all()
    assert (saccades > 0).all(axis=None)
    # What shared/data/README.md tells of the recordings.
    assert (table["n_events"].min(), table["n_events"].max()) == (1112, 7152)


@needs_real_files
def test_shipped_twins_are_those_of_the_recordings():
    records = [
        twin_record(symbol, read_recording(path)) for symbol, path in real_twins(TRAIN).items()
    ]
    # A share is rounded to four digits.
    counted = pd.DataFrame(records).round({"on_share": 4, "duration_s": 6})
    pd.testing.assert_frame_equal(counted, read_shipped(SHIPPED, TWIN_COLUMNS))
