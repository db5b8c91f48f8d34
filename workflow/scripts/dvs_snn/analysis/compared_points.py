"""The job that compares points: ``points``, ``equal_accuracy``, ``budgets`` and ``comparison``."""

from dataclasses import dataclass
from pathlib import Path

from dvs_snn.analysis.budgets import budgets_table
from dvs_snn.analysis.comparison import comparison_table, read_published
from dvs_snn.analysis.equal_accuracy import equal_accuracy_table
from dvs_snn.energy.price import study_price
from dvs_snn.files.tables import join_tables, read_table, write_table
from dvs_snn.points.choice import Quoted
from dvs_snn.points.front import grouped, with_even_twins
from dvs_snn.points.points_table import chosen_points, points_table
from dvs_snn.points.trials import read_trials
from dvs_snn.settings.guests import NIR
from dvs_snn.settings.sides import SPIKING
from dvs_snn.settings.sweep import Power


@dataclass(frozen=True)
class ComparePointsJob:
    """What the rule `compare_points` gives.

    Attributes:
        readings, stops: of every spiking network: files of readings, and tables `fixed_stops`.
        cnn_readings: of every CNN.
        evaluation, recordings, layers, choice: the tables of these names, and `stored_choice`.
        published: figures of others.
        power: the study's flat price, and its idle power.
        methods: of the variants.
        source, network: `data.source` and `model.name`.
        outputs: the files of the tables.
    """

    readings: list[Path]
    stops: list[Path]
    cnn_readings: list[Path]
    evaluation: Path
    recordings: Path
    layers: Path
    choice: Path
    published: Path
    power: Power
    methods: dict[str, str]
    source: str
    network: str
    seed: int
    outputs: dict[str, Path]


def compare_points(job: ComparePointsJob) -> None:
    """Write the tables that compare points with each other, and with published figures."""
    evaluation = read_table(job.evaluation, "evaluation")
    choice = read_table(job.choice, "stored_choice")
    quoted = Quoted.of(choice)
    published = read_published(job.published)
    spiking = read_trials(job.readings, job.methods)
    tried = spiking | read_trials(job.cnn_readings, job.methods)
    groups = grouped(tried, job.methods)

    stops = join_tables(job.stops, "fixed_stops")
    trained = evaluation[evaluation["method"] != NIR]
    points = points_table(tried, groups, quoted, trained, stops, published, job.seed)
    write_table(points, job.outputs["points"], "points")

    own = {key: trials for key, trials in spiking.items() if NIR not in key}
    budgets = budgets_table(own, study_price(job.power), job.seed)
    write_table(budgets, job.outputs["budgets"], "budgets")

    with_even_half = grouped(with_even_twins(tried), job.methods)
    chosen = chosen_points(tried, quoted, trained)
    equal = equal_accuracy_table(with_even_half, choice, chosen, job.seed)
    write_table(equal, job.outputs["equal_accuracy"], "equal_accuracy")

    # Without a choice there is no best method: then all that is quoted stands beside the published.
    answering = evaluation[evaluation["method"] == quoted.best] if quoted.best else evaluation
    answering = answering[answering["side"] == SPIKING]
    # Our recordings are compared with the tutorial's own alone.
    shown = {}
    if job.source == "tutorial":
        shown = {
            "recordings": read_table(job.recordings, "recordings"),
            "layers": read_table(job.layers, "layers"),
        }
    comparison = comparison_table(published, answering, job.source, job.network, **shown)
    write_table(comparison, job.outputs["comparison"], "comparison")
