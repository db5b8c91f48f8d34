"""Exits of sets, made up."""

import numpy as np

from dvs_snn.evaluation.exits import STOPS, SetExits


def make_exits(leads, symbols, right, synops, n_events=1000, n_steps=10, exited=True) -> SetExits:
    """Make exits of recordings that show zeros.

    Args:
        symbols: of each recording.
        right: (recording, exit) of 0 and 1.
        synops, n_events, n_steps, exited: (recording, exit), or one for all.
    """

    def each(values, dtype) -> np.ndarray:
        return np.broadcast_to(np.asarray(values, dtype), np.shape(right))

    predicted = np.where(np.array(right) == 1, 0, 1).astype(np.int8)
    return SetExits(
        leads=np.array(leads, dtype=np.float64),
        symbol=np.array(symbols),
        label=np.zeros(len(symbols), dtype=np.int8),
        predicted=predicted,
        synops=each(synops, np.int64),
        n_events=each(n_events, np.int32),
        n_steps=each(n_steps, np.int32),
        exited=each(exited, np.bool_),
        # All fixed stops come after the end.
        stop_predicted=np.repeat(predicted[:, -1:], len(STOPS), axis=1),
        stop_synops=np.repeat(each(synops, np.int64)[:, -1:], len(STOPS), axis=1),
    )
