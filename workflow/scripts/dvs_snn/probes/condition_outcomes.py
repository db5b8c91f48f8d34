"""The columns of a network's readings of changed sensors, as the job `sensitivity` stores them."""

from dvs_snn.evaluation.outcomes import KEY, OUTCOME_COLUMNS
from dvs_snn.files.tables import Column, subset

CONDITION = {
    "part": Column("text", "", "part of the sensor that was changed, `nominal` where none was"),
    "change": Column("text", "", "how it was changed: `off`, `halved` or `doubled`, else `none`"),
}
CONDITION_OUTCOMES = {**OUTCOME_COLUMNS, **CONDITION, **subset(KEY, "variant seed scale")}
