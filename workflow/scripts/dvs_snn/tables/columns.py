"""The tables below ``tables/`` of a study: what a row of each is, and its columns."""

from typing import NamedTuple

from dvs_snn.engines.agreement import VERIFICATION_TABLE
from dvs_snn.evaluation import summaries
from dvs_snn.evaluation.choosing.budgets import BUDGET_TABLE
from dvs_snn.files.tables import Columns
from dvs_snn.networks.description import NETWORK_TABLE
from dvs_snn.probes.ablation_table import ABLATION_TABLE
from dvs_snn.probes.idle_table import IDLE_TABLE
from dvs_snn.probes.pairs import PAIRED_TABLE
from dvs_snn.probes.profile import PROFILE_COLUMNS
from dvs_snn.probes.quantities import CALIBRATION_COLUMNS
from dvs_snn.probes.sensitivity_table import SENSITIVITY_TABLE
from dvs_snn.probes.telling_apart.realism_columns import FEATURE_COLUMNS, REALISM_COLUMNS
from dvs_snn.recordings.plausibility.check_columns import CHECK_TABLE
from dvs_snn.tables.choice import CHOICE_TABLE
from dvs_snn.tables.comparison import COMPARISON_TABLE
from dvs_snn.tables.exits import EXIT_TABLE
from dvs_snn.tables.methods.factors import FACTOR_TABLE
from dvs_snn.tables.methods.front import FRONT_TABLE
from dvs_snn.tables.power.break_even import BREAK_EVEN_TABLE
from dvs_snn.tables.power.chips import CHIP_TABLE
from dvs_snn.tables.power.costs import COST_TABLE
from dvs_snn.tables.runtimes import RUNTIME_TABLE
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
    "choice": Table("A row is what one rule chooses for one method on validation.", CHOICE_TABLE),
    "exits": Table(
        "A row is one set under one network at one scale that stops at one lead.", EXIT_TABLE
    ),
    "budgets": Table(
        "A row is one budget on one test set: the most accurate point of all methods that keeps it "
        "on validation.",
        BUDGET_TABLE,
    ),
    "front": Table(
        "A row is one point of one method on one set, for one seed or for the mean of all; below "
        "them the CNN and published points.",
        FRONT_TABLE,
    ),
    "factors": Table(
        "A row is one method beside rescaling on one set, at one accuracy or at its chosen point.",
        FACTOR_TABLE,
    ),
    "training": Table("A row is one epoch of one training.", CURVE_COLUMNS),
    "comparison": Table("A row is one published figure beside ours.", COMPARISON_TABLE),
    "chips": Table("A row is what one operation costs on one chip.", CHIP_TABLE),
    "costs": Table(
        "A row is one quoted point on one set at one static power, or one published chip that "
        "reads digits.",
        COST_TABLE,
    ),
    "break_even": Table(
        "A row is one quoted point on one set at one price of a SynOp.", BREAK_EVEN_TABLE
    ),
    "network": Table("A row is one layer with weights.", NETWORK_TABLE),
    "verification": Table(
        "A row is one recording that both engines ran with one network at one scale.",
        VERIFICATION_TABLE,
    ),
    "calibration": Table(
        "A row is one quantity of the digit zero in one size, real beside simulated.",
        CALIBRATION_COLUMNS,
    ),
    "profile": Table(
        "A row is one parameter of the calibrated sensor or scene, and how far it may change.",
        PROFILE_COLUMNS,
    ),
    "features": Table(
        "A row is a half of the symbols before one sensor: how far a CNN's features tell real "
        "recordings from simulated ones. Only studies with the real twins have it.",
        FEATURE_COLUMNS,
    ),
    "paired": Table(
        "A row is one quantity over the symbols that a real camera and the simulation both "
        "recorded.",
        PAIRED_TABLE,
    ),
    "realism": Table(
        "A row is one statistic, or all of them together, by which real and simulated recordings "
        "of saccades are told apart.",
        REALISM_COLUMNS,
    ),
    "sensitivity": Table(
        "A row is one network on one changed sensor, beside the nominal one.", SENSITIVITY_TABLE
    ),
    "idle": Table(
        "A row is one network before the nominal sensor of one scene, without a digit.",
        IDLE_TABLE,
    ),
    "ablation": Table(
        "A row is one network on one set with one thing changed, beside the network as it runs.",
        ABLATION_TABLE,
    ),
    "checks": Table(
        "A row is one check of one set: a quantity of its recordings beside training's, or what "
        "was found.",
        CHECK_TABLE,
    ),
    "runtimes": Table("A row is one job.", RUNTIME_TABLE),
}
