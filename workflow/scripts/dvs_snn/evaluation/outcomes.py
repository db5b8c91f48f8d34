"""The columns of a recording's outcome under a network, and of the activity of its layers."""

from dvs_snn.evaluation.readings import ANN_COLUMNS, SET
from dvs_snn.files.tables import Column, subset
from dvs_snn.networks.key import NETWORK_KEY
from dvs_snn.recordings.facts import FACT_COLUMNS

KEY = {
    **SET,
    **NETWORK_KEY,
    "scale": Column("number", "", "factor on the weights of the first layer"),
}
"""The columns that name a set under a network at a scale."""

OUTCOME_COLUMNS = {
    **subset(ANN_COLUMNS, "recording"),
    "symbol": Column("text", "", "the drawn digit that was shown, `<class>/<name>`"),
    "label": Column(
        "whole", "", "the digit shown (the place of another class), empty where it is unknown"
    ),
    "predicted": Column("whole", "", "what the spiking network read, empty if silent"),
    "correct": Column("whole", "0 or 1", "whether it read the label, empty without a label"),
    "silent": Column("whole", "0 or 1", "whether it gave no output spike, which counts as wrong"),
    "tied": Column(
        "whole", "0 or 1",
        "whether several outputs had most spikes; the earlier, then the lower one wins",
    ),
    "n_events": Column("whole", "events", "events that fell on the network's input"),
    "n_events_outside": Column("whole", "events", "events dropped, as they fell beside the input"),
    "duration_s": Column("number", "s", "time from the first event to the last"),
    "n_steps": Column("whole", "steps", "time steps that the network ran for"),
    "output_spikes": Column("whole", "spikes", "spikes of the output neurons"),
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
    **subset(FACT_COLUMNS, "box_px"),
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
