"""The columns of ``realism.csv`` and ``features.csv``."""

from dvs_snn.files.tables import Column, subset
from dvs_snn.networks.key import NETWORK_KEY

ALL = "all"
"""The classifier's row, beside the rows of single statistics."""

REALISM_COLUMNS = {
    "half": Column("text", "", "`odd` symbols, on which the sensor was fitted, or `even` ones"),
    "part": Column(
        "text", "", "part of the sensor that is wrong on purpose; `nominal`: the study's sensor"
    ),
    "change": Column("text", "", "what was done to that part; `none` for the nominal sensor"),
    "statistic": Column(
        "text", "",
        "the number by which real and simulated recordings are told apart; `all`: a classifier "
        "sees them together",
    ),
    "auc": Column(
        "number", "",
        "area under the ROC curve: 0.5 if nothing tells them apart, 1 if all recordings are told",
    ),
    "auc_low": Column("number", "", "lower end of its 95 % bootstrap interval over symbols"),
    "auc_high": Column("number", "", "upper end of that interval"),
    "real": Column("number", "that of `statistic`", "median over the real recordings"),
    "simulated": Column("number", "that of `statistic`", "median over the simulated ones"),
    "n": Column("whole", "symbols", "symbols, each recorded by both sensors"),
}  # fmt: skip

FEATURE_COLUMNS = {
    **NETWORK_KEY,
    **subset(REALISM_COLUMNS, "half part change auc auc_low auc_high n"),
    "distance": Column(
        "number", "",
        "Frechet distance of the features of real and simulated recordings, over the variance of "
        "the real ones, summed over features",
    ),
}  # fmt: skip
