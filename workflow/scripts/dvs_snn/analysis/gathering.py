"""From the files of all jobs to the result tables."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dvs_snn.analysis.choice import Quoted
from dvs_snn.analysis.comparison import comparison_table, read_published
from dvs_snn.analysis.power import EnergyModel, power_mw
from dvs_snn.analysis.summaries import (
    evaluation_row,
    exits_table,
    layers_table,
    named,
    recordings_table,
)
from dvs_snn.evaluation.frame_choice import pick_frames
from dvs_snn.evaluation.readings import ends, read_readings
from dvs_snn.files.tables import growing_table, join_tables, read_table, schema, write_table
from dvs_snn.recordings.frames import read_index
from dvs_snn.settings.guests import Guest
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.training_settings import SYNOPS_EVENTS


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


@dataclass(frozen=True)
class GatherJob:
    """What the rule `gather` gives.

    Attributes:
        readings, stops: of every network, on the sets.
        cnn_readings: of every CNN, by the variant that trained it.
        sweeps, frames_rows: of the recordings A, B, C; of the tutorial's frames.
        layers: of every network, on sets and on the recordings.
        index: of all frames.
        source, network: `data.source` and `model.name`.
        scales, methods: of each variant; `given` are those that came trained.
        cnns: of each variant the one whose CNN stands beside it; guests have none.
        guests: by name the networks from NIR files.
        outputs: the files of the tables.
    """

    readings: list[Path]
    stops: list[Path]
    cnn_readings: list[Path]
    sweeps: list[Path]
    layers: list[Path]
    curves: list[Path]
    frames_rows: list[Path]
    chosen: Path
    index: Path
    published: Path
    energy: EnergyModel
    step_ms: float
    source: str
    classes: list[str]
    network: str
    scales: dict[str, list[float]]
    methods: dict[str, str]
    cnns: dict[str, str]
    guests: dict[str, Guest]
    given: list[str]
    outputs: dict[str, Path]


def picked_readings(paths: Iterable[Path]) -> dict[tuple[str, str, int], pd.DataFrame]:
    """Return the CNNs' readings to recordings' ends, by set, variant and seed.

    They are in the frames that validation picks, one pick for each training. Without the set
    validation these are the first frames.
    """
    read: dict[tuple[str, int], list[pd.DataFrame]] = defaultdict(list)
    for path in paths:
        for table in map(ends, read_readings(path)):
            first = table.iloc[0]
            read[first["variant"], first["seed"]].append(table)
    picked = {}
    for (variant, seed), tables in read.items():
        by_set = {table["set"].iloc[0]: table for table in tables}
        of_validation = [by_set[VALIDATION]] if VALIDATION in by_set else []
        frames = pick_frames(of_validation) or tables[0]["frames"].iloc[0]
        for name, table in by_set.items():
            picked[name, variant, seed] = table[table["frames"] == frames].reset_index(drop=True)
    return picked


def gather_tables(job: GatherJob) -> None:
    """Write the tables of what was measured, each quoted point marked."""
    choice = read_table(job.chosen, "stored_choice")
    quoted = Quoted.of(choice)
    evaluation = _evaluation_table(job, _gather_networks(job, quoted), quoted)
    write_table(evaluation, job.outputs["evaluation"], "evaluation")
    timing = evaluation.loc[evaluation["scale"].notna(), "timing"].max()
    write_table(
        choice_table(choice.assign(timing=timing), job.energy), job.outputs["choice"], "choice"
    )
    _write_joined(job, quoted)
    # Without a choice there is no best method: then all that is quoted stands beside the published.
    answering = evaluation[evaluation["method"] == quoted.best] if quoted.best else evaluation
    # Our recordings are compared with the tutorial's own alone.
    compared = ("recordings", "layers") if job.source == "tutorial" else ()
    shown = {name: read_table(job.outputs[name], name) for name in compared}
    published = read_published(job.published)
    comparison = comparison_table(published, answering, job.source, job.network, **shown)
    write_table(comparison, job.outputs["comparison"], "comparison")


def _gather_networks(job: GatherJob, quoted: Quoted) -> list[dict[str, object]]:
    """Write predictions and exits, a network at a time; return the rows of ``evaluation.csv``."""
    picked = picked_readings(job.cnn_readings)
    rows = []
    with (
        growing_table(job.outputs["predictions"], "predictions") as add_predictions,
        growing_table(job.outputs["exits"], "exits") as add_exits,
    ):
        # Of the millions of rows of a large study it holds one network's.
        for path, stops_path in zip(job.readings, job.stops, strict=True):
            readings = list(read_readings(path))
            if not readings:
                # No network of this variant is quoted.
                continue
            for whole in map(ends, readings):
                first = whole.iloc[0]
                beside = job.cnns.get(first["variant"])
                cnn = picked[first["set"], beside, first["seed"]] if beside else None
                marked = quoted.marked(whole.rename(columns={"operations": "synops"}), job.scales)
                rows.append(_key(job, marked) | evaluation_row(whole, cnn, job.energy))
                predictions = marked.assign(
                    silent=marked["predicted"].isna().astype(int),
                    tied=marked["tied"].astype(int),
                    n_steps=(marked["recording_ms"] / job.step_ms).round(),
                    cnn_predicted=None if cnn is None else cnn["predicted"].to_numpy(),
                )
                add_predictions(named(predictions, job.classes))
            stops = read_table(stops_path, "fixed_stops")
            add_exits(exits_table(readings, stops, quoted, job.energy))
    return rows


def _key(job: GatherJob, marked: pd.DataFrame) -> dict[str, object]:
    """Name a set and a network for ``evaluation.csv``; count the symbols that trained a guest."""
    first = marked.iloc[0]
    row = {name: first[name] for name in ("set", "variant", "seed", "scale", "timing")}
    guest = job.guests.get(first["variant"])
    if guest:
        seen = guest.seen_in(first["variant"], first["set"], marked["symbol"])
        row["symbols_trained_on"] = seen
    return row


def _evaluation_table(
    job: GatherJob, rows: list[dict[str, object]], quoted: Quoted
) -> pd.DataFrame:
    """Return ``evaluation.csv`` from its rows on sets, and those on the tutorial's frames."""
    evaluation = pd.DataFrame(rows, columns=list(schema("evaluation")))
    if job.frames_rows:
        frames = join_tables(job.frames_rows, "frames_rows").reindex(columns=evaluation.columns)
        evaluation = pd.concat([frames, evaluation], ignore_index=True)
    evaluation["method"] = evaluation["variant"].map(job.methods)
    # The tutorial's frames don't tell their symbols, nor do weights that a file gave.
    if job.source != "tutorial":
        frames = read_index(job.index, ["symbol", "split"])
        n_symbols = frames.loc[frames["split"] == "train", "symbol"].nunique()
        is_trained_here = ~evaluation["variant"].isin(job.given)
        evaluation.loc[is_trained_here, "n_training_symbols"] = n_symbols
    return quoted.marked(evaluation, job.scales)


def _write_joined(job: GatherJob, quoted: Quoted) -> None:
    """Write the tables that join files of earlier jobs: one file's rows follow another's."""
    with growing_table(job.outputs["recordings"], "recordings") as add:
        for path in job.sweeps:
            rows = named(quoted.marked(read_table(path, "sweeps"), job.scales), job.classes)
            add(recordings_table(rows, job.energy, job.step_ms))
    with growing_table(job.outputs["layers"], "layers") as add:
        for path in job.layers:
            add(layers_table(read_table(path, "set_layers")))
    with growing_table(job.outputs["training"], "training") as add:
        for path in job.curves:
            add(read_table(path, "training"))
