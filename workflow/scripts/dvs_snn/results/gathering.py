"""From the files of all jobs to the result tables; those that compare methods are in `methods/`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from dvs_snn.evaluation.choosing.choice import (
    CHOICE_COLUMNS,
    MARKS,
    best_method,
    mark_quoted,
    quoted_networks,
)
from dvs_snn.evaluation.exits import read_exits
from dvs_snn.evaluation.of_frames import FRAMES_COLUMNS
from dvs_snn.evaluation.outcomes import KEY, STORED_LAYERS, STORED_OUTCOMES
from dvs_snn.evaluation.power import EnergyModel
from dvs_snn.files.tables import join_tables, read_table, write_table
from dvs_snn.plausibility.quantities import read_seen
from dvs_snn.plausibility.ranges import marks, within
from dvs_snn.results import summaries
from dvs_snn.results.choice import CHOICE_TABLE, choice_table
from dvs_snn.results.comparison import COMPARISON_TABLE, comparison_table
from dvs_snn.results.exits import EXIT_TABLE, exits_table
from dvs_snn.training.curve import CURVE_COLUMNS

GATHERED = {
    "evaluation": summaries.EVALUATION_TABLE,
    "recordings": summaries.RECORDING_TABLE,
    "layers": summaries.LAYER_TABLE,
    "predictions": summaries.PREDICTION_TABLE,
    "choice": CHOICE_TABLE,
    "exits": EXIT_TABLE,
    "training": CURVE_COLUMNS,
    "comparison": COMPARISON_TABLE,
}
SHOWN = [name for name in summaries.PREDICTION_TABLE if name not in MARKS]


def gather_tables(
    files: Mapping[str, Sequence[Path]],
    choice_path: Path,
    facts: Sequence[Path],
    published_path: Path,
    settings: Mapping[str, object],
    outputs: Mapping[str, Path],
) -> None:
    """Write the tables of what was measured, each quoted point marked.

    Args:
        files: `outcomes`, `set_layers` and `exits` of the sets, `frames_rows` of the tutorial's
            frames, `sweeps` and `sweep_layers` of A, B, C, `curves` of the trainings.
        choice_path: what `choose_points` chose.
        facts: table of the training recordings, if the study has one.
        settings: energy_per_synop_pj, static_power_mw, step_ms, source, classes, network; of each
            variant its scales and its method.
        outputs: table name -> path.
    """
    energy = EnergyModel(settings["energy_per_synop_pj"], settings["static_power_mw"])
    step_ms = settings["step_ms"]
    seen = read_seen(facts)
    rows, outcomes = [], []
    for path in files["outcomes"]:
        table = read_table(path, STORED_OUTCOMES)
        table = table.assign(beyond_training=marks(table, seen))
        row = summaries.evaluation_row(table, energy, step_ms)
        rows.append({**table[list(KEY)].iloc[0], **row, **within(table, seen)})
        # A large study has millions of rows: only the columns of predictions.csv are kept.
        outcomes.append(summaries.named(table[SHOWN], settings["classes"]))
    columns = list(summaries.EVALUATION_TABLE)
    evaluation = pd.DataFrame(rows, columns=columns)
    if files["frames_rows"]:
        frames = join_tables(files["frames_rows"], FRAMES_COLUMNS)
        evaluation = pd.concat([frames.reindex(columns=columns), evaluation], ignore_index=True)
    predictions = pd.concat([pd.DataFrame(columns=SHOWN), *outcomes], ignore_index=True)
    choice = read_table(choice_path, CHOICE_COLUMNS)
    quoted = quoted_networks(choice, settings["scales"])
    evaluation["method"] = evaluation["variant"].map(settings["methods"])
    evaluation = mark_quoted(evaluation, quoted)
    # Without a choice there is no best method: then all that is quoted stands beside the published.
    best = best_method(choice)
    answering = evaluation[evaluation["method"] == best] if best else evaluation
    sweeps = join_tables(files["sweeps"], STORED_OUTCOMES)
    sweeps = sweeps.assign(beyond_training=marks(sweeps, seen))
    sweeps = summaries.named(sweeps, settings["classes"])
    recordings = summaries.recordings_table(mark_quoted(sweeps, quoted), energy, step_ms)
    layers = summaries.layers_table(
        read_table(path, STORED_LAYERS) for path in [*files["set_layers"], *files["sweep_layers"]]
    )
    published = pd.read_csv(published_path, sep="\t")
    tables = {
        "evaluation": evaluation,
        "recordings": recordings,
        "layers": layers,
        "predictions": mark_quoted(predictions, quoted),
        "choice": choice_table(choice, energy),
        "exits": exits_table(map(read_exits, files["exits"]), choice, energy, step_ms),
        "training": join_tables(files["curves"], CURVE_COLUMNS),
        "comparison": comparison_table(
            published, recordings, layers, answering, settings["source"], settings["network"]
        ),
    }
    for name, table in tables.items():
        write_table(table, outputs[name], GATHERED[name])
