"""The columns of what a network reads that real recordings helped to train."""

from dvs_snn.evaluation.outcomes import KEY, OUTCOME_COLUMNS
from dvs_snn.files.tables import Column, subset

LESSON = {
    "simulated": Column("whole", "0 or 1", "whether it was trained on simulated recordings"),
    "real": Column("whole", "recordings", "real recordings of the odd half that trained it"),
}
"""The columns that tell what a network was trained on."""

LEARNING_OUTCOMES = {
    **subset(KEY, "variant seed scale"),
    **LESSON,
    **subset(KEY, "set"),
    **subset(OUTCOME_COLUMNS, "recording symbol label predicted correct n_events synops"),
}
