"""The columns of what the job `ablation` stores of one network."""

from dvs_snn.evaluation.outcomes import KEY, OUTCOME_COLUMNS
from dvs_snn.files.tables import Column, subset
from dvs_snn.probes.run_settings import ABLATION_KEY

POINT_KEY = {
    **subset(KEY, "variant"),
    "method": Column("text", "", "how accuracy was traded for power, such as `rescaled`"),
    **subset(KEY, "seed scale"),
}
"""The columns that name a network at the scale that is quoted for its method."""

ABLATION_OUTCOMES = {
    **POINT_KEY,
    **subset(KEY, "set"),
    **ABLATION_KEY,
    **subset(OUTCOME_COLUMNS, "recording symbol label correct n_events synops"),
}
