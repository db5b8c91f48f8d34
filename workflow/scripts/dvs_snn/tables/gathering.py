"""From the files of all jobs to the result tables; those that compare methods are in `methods/`."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from dvs_snn.evaluation import summaries
from dvs_snn.evaluation.choosing.choice import Quoted, mark_quoted
from dvs_snn.evaluation.exits import read_exits
from dvs_snn.evaluation.power import EnergyModel
from dvs_snn.files.tables import growing_table, join_tables, read_table, schema, write_table
from dvs_snn.recordings.plausibility.ranges import marks, read_seen, within
from dvs_snn.tables.choice import choice_table
from dvs_snn.tables.comparison import comparison_table
from dvs_snn.tables.exits import exits_table


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
    choice = read_table(choice_path, "stored_choice")
    quoted = Quoted.of(choice)
    networks = quoted.networks(settings["scales"])

    def grow(name: str, pieces: Iterable[pd.DataFrame]) -> None:
        # A large study has millions of rows: one piece is held at a time.
        with growing_table(outputs[name], name) as add:
            for piece in pieces:
                add(piece)

    def outcomes(path: Path) -> pd.DataFrame:
        table = read_table(path, "outcomes")
        return mark_quoted(table.assign(beyond_training=marks(table, seen)), networks)

    def named(table: pd.DataFrame) -> pd.DataFrame:
        return summaries.named(table, settings["classes"])

    rows = []
    with growing_table(outputs["predictions"], "predictions") as add:
        for path in files["outcomes"]:
            table = outcomes(path)
            for _, one in table.groupby("set", sort=False):
                key = one[["set", "variant", "seed", "scale"]].iloc[0]
                row = summaries.evaluation_row(one, energy, step_ms)
                rows.append({**key, **row, **within(one, seen)})
            add(named(table))
    columns = list(schema("evaluation"))
    evaluation = pd.DataFrame(rows, columns=columns)
    if files["frames_rows"]:
        frames = join_tables(files["frames_rows"], "frames_rows")
        evaluation = pd.concat([frames.reindex(columns=columns), evaluation], ignore_index=True)
    evaluation["method"] = evaluation["variant"].map(settings["methods"])
    evaluation = mark_quoted(evaluation, networks)
    # Without a choice there is no best method: then all that is quoted stands beside the published.
    best = quoted.best
    answering = evaluation[evaluation["method"] == best] if best else evaluation
    sweeps = (named(outcomes(path)) for path in files["sweeps"])
    grow("recordings", (summaries.recordings_table(one, energy, step_ms) for one in sweeps))
    layer_files = [*files["set_layers"], *files["sweep_layers"]]
    grow("layers", (summaries.layers_table(read_table(p, "set_layers")) for p in layer_files))
    read = (exits_table(read_exits(path), quoted, energy, step_ms) for path in files["exits"])
    grow("exits", read)
    grow("training", (read_table(path, "training") for path in files["curves"]))
    # Our recordings are compared with the tutorial's own alone.
    own = ("recordings", "layers") if settings["source"] == "tutorial" else ()
    shown = {name: read_table(outputs[name], name) for name in own}
    published = pd.read_csv(published_path, sep="\t")
    tables = {
        "evaluation": evaluation,
        "choice": choice_table(choice, energy),
        "comparison": comparison_table(
            published, answering, settings["source"], settings["network"], **shown
        ),
    }
    for name, table in tables.items():
        write_table(table, outputs[name], name)
