"""The outcome of one recording under one network, and the activity of its layers, as table rows."""

from collections.abc import Sequence

import pandas as pd

from dvs_snn.inference.response import Decision, Response

ANN_COLUMNS = ("recording", "ann_predicted", "ann_frames", "sha256")
OUTCOME_COLUMNS = (
    "recording", "symbol", "label", "predicted", "correct", "silent", "tied", "n_events",
    "n_events_outside", "duration_s", "n_steps", "output_spikes", "synops", "synops_input",
    "synops_nominal", "time_to_decision_ms", "ann_predicted", "ann_frames", "ann_macs", "sha256",
)  # fmt: skip
LAYER_COLUMNS = (
    "layer", "spikes_in", "spikes_out", "fanout_nominal", "synops", "synops_nominal", "seconds",
)  # fmt: skip


def outcome(
    *,
    recording: str,
    symbol: str,
    label: int | None,
    sha256: str,
    response: Response,
    decision: Decision,
    n_events: int,
    n_outside: int,
    duration_s: float,
    ann_predicted: int | None,
    ann_frames: int,
    macs_per_frame: int,
) -> dict[str, object]:
    """Return the outcome of one recording under one network, as a row.

    If `label` is None, the digit shown is unknown, so `correct` is empty too.
    """
    return {
        "recording": recording,
        "symbol": symbol,
        "label": label,
        "predicted": decision.predicted,
        "correct": None if label is None else int(decision.predicted == label),
        "silent": int(decision.silent),
        "tied": int(decision.tied),
        "n_events": n_events,
        "n_events_outside": n_outside,
        "duration_s": round(duration_s, 6),
        "n_steps": len(response.spikes),
        "output_spikes": int(response.spikes.sum()),
        "synops": response.synops,
        "synops_input": response.synops_input,
        "synops_nominal": response.synops_nominal,
        "time_to_decision_ms": decision.time_to_decision_ms,
        "ann_predicted": ann_predicted,
        "ann_frames": ann_frames,
        "ann_macs": ann_frames * macs_per_frame,
        "sha256": sha256,
    }


def layer_rows(responses: Sequence[Response], step_ms: float) -> pd.DataFrame:
    """Return the activity of each layer, summed over recordings, with the seconds it took."""
    seconds = sum(len(response.spikes) for response in responses) * step_ms * 1e-3
    rows = []
    for activities in zip(*(response.layers for response in responses), strict=True):
        first = activities[0]
        rows.append(
            {
                "layer": first.layer,
                "spikes_in": sum(a.spikes_in for a in activities),
                "spikes_out": sum(a.spikes_out for a in activities),
                "fanout_nominal": first.fanout_nominal,
                "synops": sum(a.synops for a in activities),
                "synops_nominal": sum(a.synops_nominal for a in activities),
                "seconds": round(seconds, 6),
            }
        )
    return pd.DataFrame(rows, columns=list(LAYER_COLUMNS))
