"""The columns of a network's readings of long recordings, as the job `drift` stores them."""

from dvs_snn.evaluation.ablation.outcomes import POINT_KEY
from dvs_snn.evaluation.outcomes import OUTCOME_COLUMNS
from dvs_snn.files.tables import Column, subset

DRIFT_KEY = {
    "part": Column(
        "text", "",
        "what was changed of how the network runs: `lower bound`, `reset` of all membrane "
        "potentials or `leak`; `base` where nothing was",
    ),
    "value": Column("text", "", "what it was changed to, empty for `base`"),
    "time_s": Column("number", "s", "time since the start of a recording"),
}  # fmt: skip
DRIFT_OUTCOMES = {
    **POINT_KEY,
    **DRIFT_KEY,
    **subset(OUTCOME_COLUMNS, "recording symbol"),
    "size": Column("whole", "", "size of the digit: 4, 8 or 16"),
    "all": Column("whole", "0 or 1", "whether all output spikes since the start tell the digit"),
    "recent": Column("whole", "0 or 1", "whether those of the last 0.3 s alone tell it"),
    "synops": Column("whole", "SynOps", "SynOps since the start"),
}
