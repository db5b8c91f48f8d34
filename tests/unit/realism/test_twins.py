"""Pairs of real and simulated recordings: hand-worked tables, known shifts."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from made_recordings import from_rows

from dvs_snn.files.errors import StudyError
from dvs_snn.realism.pairs import (
    event_map,
    pair_counts,
    paired_table,
    with_map_correlations,
)
from dvs_snn.realism.twins import TWINS_PER_DIGIT, real_twins
from dvs_snn.settings.set_names import half_of

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


def test_halves_are_those_of_odd_and_even_numbers():
    assert [half_of(symbol) for symbol in ("0/0001", "9/0100")] == ["odd", "even"]


def _simulated(symbol, rows):
    return SimpleNamespace(symbol=symbol, raw=from_rows(rows, (34, 34)))


def test_counts_of_pairs_by_hand(tmp_path):
    times = [0, 89_999, 90_000, 219_999, 220_000, 300_000, 300_000]
    rows = [(700 + time, 1, 2, on) for time, on in zip(times, [1, 1, 0, 0, 0, 0, 1], strict=True)]
    ours = [_simulated(symbol, rows) for symbol in ("3/0001", "7/0001")]
    shipped = tmp_path / "statistics.tsv"
    shares = "saccade_1_share\tsaccade_2_share\tsaccade_3_share"
    shipped.write_text(
        f"# remark\nsymbol\tn_events\ton_share\t{shares}\tother\n"
        "3/0001\t4999\t0.4996\t0.3333\t0.3333\t0.3335\t1\n"
        "3/0002\t100\t0.5\t0.5\t0.25\t0.25\t1\n"
    )
    (pair,) = pair_counts(ours, shipped).to_dict("records")
    assert (pair["symbol"], pair["label"]) == ("3/0001", 3)
    assert [pair[f"ours_n_{part}"] for part in ("events", "on")] == [7, 3]
    assert [pair[f"ours_n_saccade_{number}"] for number in (1, 2, 3)] == [2, 2, 3]
    assert pair["real_n_events"] == 4999
    assert pair["real_n_on"] == pytest.approx(4999 * 0.4996)
    assert [pair[f"real_n_saccade_{number}"] for number in (1, 2, 3)] == [1666, 1666, 1667]


def test_map_counts_rows_and_columns_of_the_sensor():
    counts = event_map(from_rows([(0, 5, 2, True), (1, 5, 2, False), (2, 33, 0, True)], (34, 34)))
    assert counts.shape == (34 * 34,)
    assert (counts[2 * 34 + 5], counts[33], counts.sum()) == (2, 1, 3)


def test_maps_are_correlated_with_the_twins_and_within_the_digit():
    """The maps of symbols of the digit 3 are alike, as are those of 7 but for one event."""
    spots = {"3/0001": [(3, 4), (9, 9)], "3/0002": [(3, 4), (9, 9)], "7/0001": [(20, 5), (1, 1)]}
    ours = [
        _simulated(symbol, [(0, *spot, True) for spot in places])
        for symbol, places in spots.items()
    ]
    moved = _simulated("7/0001", [(0, 20, 5, True), (0, 2, 2, True)])
    pairs = pd.DataFrame({"symbol": list(spots), "label": [3, 3, 7]})
    table = with_map_correlations(pairs, ours, [*ours[:2], moved], seed=1)
    expected = np.corrcoef(event_map(ours[2].raw), event_map(moved.raw))[0, 1]
    assert table["map_correlation"].tolist() == pytest.approx([1, 1, expected])
    assert table["map_correlation_shuffled"].tolist()[:2] == pytest.approx([1, 1])
    # A lone symbol has no other one.
    assert math.isnan(table["map_correlation_shuffled"][2])


def _pairs(rows, **columns):
    """Pairs of (symbol, real events, our events); shares and saccades by simple rules."""
    frame = pd.DataFrame(rows, columns=["symbol", "real_n_events", "ours_n_events"])
    frame["label"] = frame["symbol"].str[0].astype(int)
    for side in ("real", "ours"):
        n = frame[f"{side}_n_events"]
        frame[f"{side}_n_on"] = n / 2
        for saccade, events in enumerate((n // 2, n // 4, n - n // 2 - n // 4), start=1):
            frame[f"{side}_n_saccade_{saccade}"] = events
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
    pairs["real_n_on"] = [20, 180]
    pairs["real_n_saccade_1"] = [10, 290]
    cells = _cells(pairs)
    for digit in ("3", "all"):
        value = cells["value"].xs(("odd", digit), level=("half", "digit"))
        assert value["on_share_real"] == pytest.approx((20 + 180) / 400)
        assert value["on_share_ours"] == pytest.approx(0.5)
        assert value["saccade_1_share_real"] == pytest.approx(300 / 400)
        assert value["saccade_1_share_ours"] == pytest.approx(100 / 200)
        assert value["saccade_2_share_ours"] == pytest.approx((12 + 37) / 200)
        assert value["saccade_3_share_ours"] == pytest.approx((13 + 38) / 200)
