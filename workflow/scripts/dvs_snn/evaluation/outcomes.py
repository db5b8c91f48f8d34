"""The outcome of one recording under one network, and the activity of its layers, as table rows."""

from collections.abc import Sequence

import pandas as pd

from dvs_snn.evaluation.readings import ANN_COLUMNS
from dvs_snn.files.tables import Column, subset
from dvs_snn.inference.response import Decision, Response
from dvs_snn.networks.key import NETWORK_KEY

KEY = {
    "set": Column("text", "", "name of the set of recordings, empty for one shown recording"),
    **NETWORK_KEY,
    "scale": Column("number", "", "factor on the weights of the first layer"),
}
"""The columns that name a set under a network at a scale."""

OUTCOME_COLUMNS = {
    **subset(ANN_COLUMNS, "recording"),
    "symbol": Column("text", "", "the drawn digit that was shown, `<digit>/<name>`"),
    "label": Column("whole", "digit", "the digit shown, empty where it is unknown"),
    "predicted": Column("whole", "digit", "what the spiking network read, empty if silent"),
    "correct": Column("whole", "0 or 1", "whether it read the label, empty without a label"),
    "silent": Column("whole", "0 or 1", "whether it gave no output spike, which counts as wrong"),
    "tied": Column(
        "whole", "0 or 1",
        "whether several digits had most output spikes; the earlier, then the lower digit wins",
    ),
    "n_events": Column("whole", "events", "events that fell on the network's input"),
    "n_events_outside": Column("whole", "events", "events dropped, as they fell beside the input"),
    "duration_s": Column("number", "s", "time from the first event to the last"),
    "n_steps": Column("whole", "steps", "time steps that the network ran for"),
    "output_spikes": Column("whole", "spikes", "spikes of the ten output neurons"),
    "synops": Column(
        "whole", "SynOps", "spikes that arrived at synapses, those of the input layer included"
    ),
    "synops_input": Column("whole", "SynOps", "the input layer's part of `synops`"),
    "synops_nominal": Column(
        "whole", "SynOps", "by the tutorial's convention: edges ignored, without the input layer"
    ),
    "time_to_decision_ms": Column(
        "number", "ms", "earliest time after which the prediction stays, empty if silent"
    ),
    **subset(ANN_COLUMNS, "ann_predicted ann_frames"),
    "ann_macs": Column("whole", "MACs", "multiply-accumulate operations of the CNN"),
    **subset(ANN_COLUMNS, "sha256"),
}  # fmt: skip
LAYER_COLUMNS = {
    "layer": Column("text", "", "kind and number, such as `conv1`"),
    "spikes_in": Column(
        "whole", "spikes", "presynaptic spikes, before the pool; events for the first layer"
    ),
    "spikes_out": Column("whole", "spikes", "spikes of the layer's own neurons"),
    "fanout_nominal": Column(
        "whole", "synapses/spike", "synapses of one presynaptic neuron, edges ignored"
    ),
    "synops": Column("whole", "SynOps", "spikes that arrived at the layer's synapses"),
    "synops_nominal": Column(
        "whole", "SynOps", "by the tutorial's convention: edges ignored, 0 for the input layer"
    ),
    "seconds": Column("number", "s", "time that the network ran for, summed over recordings"),
}
STORED_OUTCOMES = OUTCOME_COLUMNS | KEY
STORED_LAYERS = {
    **LAYER_COLUMNS,
    "recording": Column("text", "", "name of the recording, empty for a set, which is summed"),
    **KEY,
}


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
