"""The verdict from the rows of ``energy.csv``: who is cheaper, and where idle power turns it."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dvs_snn.analysis.verdict import even_line, rival_of, turning_idle_mw, verdicts
from dvs_snn.points.point import ALL_MACS, NONZERO_MACS, PLAIN_CNN, SPARSE_CNN, SYNOPS
from dvs_snn.settings.sides import CNN, SPIKING


def row(side, uj, ms, method="any", counted=SYNOPS, idle_mw=0.0, model="m", kind="memory"):
    return {
        "side": side, "method": method, "counted": counted, "model": model, "kind": kind,
        "source": "", "idle_mw": idle_mw, "operations_uj": uj, "time_ms": ms,
        "energy_per_reading_uj": uj + idle_mw * ms,
    }  # fmt: skip


def test_the_side_with_less_energy_is_cheaper_at_each_price_and_idle_power():
    rows = []
    for idle_mw in (0.0, 0.42):
        rows.append(row(SPIKING, 4.0, 50.0, idle_mw=idle_mw))
        rows.append(row(CNN, 2.0, 70.0, SPARSE_CNN, NONZERO_MACS, idle_mw=idle_mw))
    rows.append(row(SPIKING, 1.0, 50.0, model="n", kind="arithmetic"))
    rows.append(row(CNN, 2.0, 70.0, SPARSE_CNN, NONZERO_MACS, model="n", kind="arithmetic"))
    without, with_idling, arithmetic = verdicts(pd.DataFrame(rows))
    assert (without.cheaper, without.ratio) == (CNN, 2.0)
    # 4 + 21 µJ against 2 + 29.4 µJ.
    assert (with_idling.cheaper, with_idling.spiking_uj) == (SPIKING, pytest.approx(25.0))
    assert with_idling.cnn_uj == pytest.approx(31.4)
    # The CNN needs 2 µJ less and 20 ms more: at 0.1 mW both cost the same.
    assert without.turns_at_mw == with_idling.turns_at_mw == pytest.approx(0.1)
    assert arithmetic.cheaper == SPIKING
    assert arithmetic.turns_at_mw is None
    assert [each.counts_memory for each in (without, arithmetic)] == [True, False]


@given(
    st.tuples(st.floats(0.01, 1e3), st.floats(1, 1e3)),
    st.tuples(st.floats(0.01, 1e3), st.floats(1, 1e3)),
)
def test_the_order_turns_at_that_idle_power_and_nowhere_else(of_spiking, of_cnn):
    spiking = pd.Series(row(SPIKING, *of_spiking))
    cnn = pd.Series(row(CNN, *of_cnn))
    turn = turning_idle_mw(spiking, cnn)

    def is_spiking_cheaper(idle_mw: float) -> bool:
        return of_spiking[0] + idle_mw * of_spiking[1] < of_cnn[0] + idle_mw * of_cnn[1]

    if turn is None:
        assert is_spiking_cheaper(1e-9) == is_spiking_cheaper(1e3) or of_spiking[0] == of_cnn[0]
    elif abs(of_spiking[1] - of_cnn[1]) > 1e-3 and 1e-6 < turn < 1e6:
        assert is_spiking_cheaper(turn * 0.9) != is_spiking_cheaper(turn * 1.1)


def test_a_sparse_cnn_is_the_rival_and_else_the_cnn_that_skips_zeros():
    dense = row(CNN, 1.0, 1.0, PLAIN_CNN, ALL_MACS)
    skipping = row(CNN, 1.0, 1.0, PLAIN_CNN, NONZERO_MACS)
    sparse = row(CNN, 1.0, 1.0, SPARSE_CNN, NONZERO_MACS)
    assert rival_of(pd.DataFrame([dense, skipping, sparse])) == SPARSE_CNN
    assert rival_of(pd.DataFrame([dense, skipping])) == PLAIN_CNN
    assert rival_of(pd.DataFrame([dense])) is None


@given(synops=st.floats(1e4, 1e9), macs=st.floats(1e4, 1e9), synop_pj=st.floats(0.01, 1e3))
def test_on_the_even_line_both_networks_need_the_same_energy(synops, macs, synop_pj):
    spiking = {"operations_per_3000_events": synops, "time_to_exit_ms": 80.0}
    cnn = {
        "operations_per_3000_events": macs,
        "operations_per_reading": macs,
        "time_to_exit_ms": 50.0,
    }
    line = even_line(spiking, cnn, idle_mw=0.5)
    mac_pj = line.mac_pj(synop_pj)
    # Both read 3,000 events; idle power adds 0.5 µJ a millisecond, 1 µJ = 1e6 pJ.
    of_spiking = synop_pj * synops + 0.5 * 80.0 * 1e6
    of_cnn = mac_pj * macs + 0.5 * 50.0 * 1e6
    assert of_spiking == pytest.approx(of_cnn)
