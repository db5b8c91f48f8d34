"""The tables below ``tables/`` of a study: what a row of each is, and its columns."""

from typing import NamedTuple

from dvs_snn.evaluation.budgets import BUDGET_TABLE
from dvs_snn.files.tables import Columns
from dvs_snn.inference.agreement import VERIFICATION_TABLE
from dvs_snn.networks.description import NETWORK_TABLE
from dvs_snn.realism.pairs import PAIRED_TABLE
from dvs_snn.realism.quantities import CALIBRATION_COLUMNS
from dvs_snn.results import summaries
from dvs_snn.results.ablation import ABLATION_TABLE
from dvs_snn.results.chip_fit import CHIP_FIT_TABLE
from dvs_snn.results.choice import CHOICE_TABLE
from dvs_snn.results.comparison import COMPARISON_TABLE
from dvs_snn.results.runtimes import RUNTIME_TABLE
from dvs_snn.results.sensitivity import SENSITIVITY_TABLE
from dvs_snn.training.curve import CURVE_COLUMNS


class Table(NamedTuple):
    """A result table; `row` says what one row is, in a sentence of plain text."""

    row: str
    columns: Columns


TABLES = {
    "recordings": Table(
        "A row is one shown recording under one network at one scale.", summaries.RECORDING_TABLE
    ),
    "evaluation": Table(
        "A row is one set of recordings under one network at one scale. The set `frames` has a row "
        "a network, for the CNN alone; its other cells are empty.",
        summaries.EVALUATION_TABLE,
    ),
    "layers": Table(
        "A row is one layer of a network at one scale, over a set or over one shown recording.",
        summaries.LAYER_TABLE,
    ),
    "predictions": Table(
        "A row is one recording of a set under one network at one scale.",
        summaries.PREDICTION_TABLE,
    ),
    "choice": Table(
        "A row is what one rule chooses for one variant on one validation set.", CHOICE_TABLE
    ),
    "budgets": Table(
        "A row is one budget on one test set: the most accurate point that keeps it on validation.",
        BUDGET_TABLE,
    ),
    "training": Table("A row is one epoch of one training.", CURVE_COLUMNS),
    "comparison": Table("A row is one published figure beside ours.", COMPARISON_TABLE),
    "network": Table("A row is one layer with weights.", NETWORK_TABLE),
    "verification": Table(
        "A row is one recording that both engines ran with one network at one scale.",
        VERIFICATION_TABLE,
    ),
    "calibration": Table(
        "A row is one quantity of the digit zero in one size, real beside simulated.",
        CALIBRATION_COLUMNS,
    ),
    "paired": Table(
        "A row is one quantity over the symbols that a real camera and the simulation both "
        "recorded.",
        PAIRED_TABLE,
    ),
    "sensitivity": Table(
        "A row is one network on one changed sensor, beside the nominal one.", SENSITIVITY_TABLE
    ),
    "ablation": Table(
        "A row is one network on one set with one thing changed, beside the network as it runs.",
        ABLATION_TABLE,
    ),
    "chip_fit": Table(
        "A row is one layer of a quoted network of whole numbers on Speck.", CHIP_FIT_TABLE
    ),
    "runtimes": Table("A row is one job.", RUNTIME_TABLE),
}
