"""What a network made of recordings of changed sensors: the columns that its job stores."""

from dvs_snn.evaluation.outcomes import KEY, OUTCOME_COLUMNS
from dvs_snn.files.tables import Column, subset

CONDITION = {
    "part": Column("text", "", "part of the sensor that was changed, `nominal` where none was"),
    "change": Column("text", "", "how it was changed: `off`, `halved` or `doubled`, else `none`"),
}
CONDITION_OUTCOMES = {**OUTCOME_COLUMNS, **CONDITION, **subset(KEY, "variant seed scale")}
