"""From the files of all jobs to the result tables."""

from collections.abc import Hashable, Iterator
from pathlib import Path

import pandas as pd

from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.evaluation.exits import read_exits
from dvs_snn.evaluation.power import EnergyModel, power_mw
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import growing_table, join_tables, read_table, schema, write_table
from dvs_snn.recordings.frames import read_index
from dvs_snn.recordings.plausibility.ranges import NETWORK, SYNOPS, marks, read_seen, within
from dvs_snn.settings.guests import Guest
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.training_settings import SYNOPS_EVENTS
from dvs_snn.tables.comparison import comparison_table, read_published
from dvs_snn.tables.summaries import (
    evaluation_row,
    exits_table,
    layers_table,
    named,
    recordings_table,
)


def choice_table(choice: pd.DataFrame, energy: EnergyModel) -> pd.DataFrame:
    """Return ``choice.csv`` from `choose_points`; power is SynOps per event x events per second."""
    synops = {"mw": "synops_per_3000_events", "low": "synops_low", "high": "synops_high"}
    powers = {
        f"power_{end}": power_mw(
            choice[name] * choice["event_rate_hz"] / SYNOPS_EVENTS, 1.0, energy
        )
        for end, name in synops.items()
    }
    return choice.assign(**powers)[list(schema("choice"))]


def _on_validation(outcomes: list[Path]) -> Iterator[tuple[Hashable, pd.DataFrame]]:
    """Yield each network, and its outcomes of the set validation with their SynOps per event."""
    for path in outcomes:
        table = read_table(path, "outcomes")
        table[SYNOPS] = table["synops"] / table["n_events"]
        yield from table[table["set"] == VALIDATION].groupby(NETWORK)


def gather_tables(
    outcomes: list[Path],
    set_layers: list[Path],
    exit_files: list[Path],
    sweeps: list[Path],
    sweep_layers: list[Path],
    curves: list[Path],
    frames_rows: list[Path],
    chosen: Path,
    facts: list[Path],
    index: Path,
    published: Path,
    energy: EnergyModel,
    step_ms: float,
    source: str,
    classes: list[str],
    network: str,
    scales: dict[str, list[float]],
    methods: dict[str, str],
    guests: dict[str, Guest],
    given: list[str],
    outputs: dict[str, Path],
) -> None:
    """Write the tables of what was measured, by name to `outputs`, each quoted point marked.

    Args:
        outcomes, set_layers, exit_files: of the sets.
        sweeps, sweep_layers, frames_rows: of the recordings A, B, C; of the tutorial's frames.
        facts, index: of the training recordings, if the study has them; of all frames.
        source, network: `data.source` and `model.name`.
        scales, methods: of each variant; `given` are those that came trained.
        guests: by name the networks from NIR files, which training's range says nothing of.
    """
    seen_by = dict.fromkeys(methods, read_seen(facts)) | dict.fromkeys(guests, read_seen([]))
    choice = read_table(chosen, "stored_choice")
    quoted = Quoted.of(choice)
    validation = dict(_on_validation(outcomes))

    def read_outcomes(path: Path) -> pd.DataFrame:
        table = read_table(path, "outcomes")
        marked = marks(table, seen_by[table["variant"].iloc[0]], validation)
        return quoted.marked(table.assign(beyond_training=marked), scales)

    rows = []
    with growing_table(outputs["predictions"], "predictions") as add:
        for path in outcomes:
            table = read_outcomes(path)
            for _, of_set in table.groupby("set", sort=False):
                key = of_set[["set", "variant", "seed", "scale", "timing"]].iloc[0]
                row = evaluation_row(of_set, energy, step_ms)
                row |= within(of_set, seen_by[key["variant"]])
                if guest := guests.get(key["variant"]):
                    row["symbols_trained_on"] = guest.seen_in(key["set"], of_set["symbol"])
                rows.append({**key, **row})
            add(named(table, classes))
    evaluation = pd.DataFrame(rows, columns=schema("evaluation"))
    if frames_rows:
        frames = join_tables(frames_rows, "frames_rows").reindex(columns=evaluation.columns)
        evaluation = pd.concat([frames, evaluation], ignore_index=True)
    evaluation["method"] = evaluation["variant"].map(methods)
    # The tutorial's frames don't tell their symbols, nor do weights that a file gave.
    if source != "tutorial":
        frames = read_index(index, ["symbol", "split"])
        n_symbols = frames.loc[frames["split"] == "train", "symbol"].nunique()
        evaluation.loc[~evaluation["variant"].isin(given), "n_training_symbols"] = n_symbols
    evaluation = quoted.marked(evaluation, scales)
    choice = choice.assign(timing=evaluation.loc[evaluation["scale"].notna(), "timing"].max())
    swept = (named(read_outcomes(path), classes) for path in sweeps)
    layer_files = [*set_layers, *sweep_layers]
    pieces = {
        "recordings": (recordings_table(outcome, energy, step_ms) for outcome in swept),
        "layers": (layers_table(read_table(path, "set_layers")) for path in layer_files),
        "exits": (exits_table(read_exits(path), quoted, energy, step_ms) for path in exit_files),
        "training": (read_table(path, "training") for path in curves),
    }
    for name, tables in pieces.items():
        # Of the millions of rows of a large study it holds one piece.
        with growing_table(outputs[name], name) as add:
            for table in tables:
                add(table)
    # Without a choice there is no best method: then all that is quoted stands beside the published.
    answering = evaluation[evaluation["method"] == quoted.best] if quoted.best else evaluation
    # Our recordings are compared with the tutorial's own alone.
    compared = ("recordings", "layers") if source == "tutorial" else ()
    shown = {name: read_table(outputs[name], name) for name in compared}
    comparison = comparison_table(read_published(published), answering, source, network, **shown)
    write_table(evaluation, outputs["evaluation"], "evaluation")
    write_table(choice_table(choice, energy), outputs["choice"], "choice")
    write_table(comparison, outputs["comparison"], "comparison")


def join_probes(tables: list[Path], energy: EnergyModel, joined: Path, progress: Progress) -> None:
    """Write ``probes.csv``: the rows of all jobs, and behind each `synops_per_s` a `power_mw`."""
    # Amounts as text, since reading and writing may change the last digit of a number.
    rows = join_tables(tables, "probes", amount="str", low="str", high="str")
    per_s = rows[rows["measure"] == "synops_per_s"]
    powers = [power_mw(float(amount), 1.0, energy) for amount in per_s["amount"]]
    powers = per_s.assign(measure="power_mw", amount=powers, unit="mW")
    rows = pd.concat([rows.astype(object), powers.astype(object)]).sort_index(kind="stable")
    write_table(rows, joined, "probes")
    progress.say(f"{len(rows)} rows")


def gather_runtimes(
    benchmarks: list[Path], index: Path, training: Path, on_frames: list[str], table: Path
) -> None:
    """Write ``runtimes.csv`` from Snakemake's benchmark files ``<rule>/<wildcards>.tsv``.

    Frames/s of variants `on_frames` count every epoch's frames, those of the rules that fill the
    frame store all its frames.
    """
    split = read_index(index, ["split"])["split"]
    epochs = read_table(training, "training").groupby("variant")["epoch"].max()
    trained = epochs[epochs.index.isin(on_frames)] * (split == "train").sum()
    rows = []
    for path in sorted(benchmarks):
        record = pd.read_csv(path, sep="\t").iloc[0]
        rule, seconds = path.parent.name, float(record["s"])
        frames = None
        if rule == "train":
            frames = trained.get(path.stem.split("~")[0])
        elif rule in ("accumulate", "import_frames"):
            frames = len(split)
        max_rss_mb = pd.to_numeric(record["max_rss"], errors="coerce")
        speed = frames / seconds if frames and seconds else None
        rows.append((rule, path.stem.replace("~", " "), seconds, max_rss_mb, speed))
    write_table(pd.DataFrame(rows, columns=schema("runtimes")), table, "runtimes")
