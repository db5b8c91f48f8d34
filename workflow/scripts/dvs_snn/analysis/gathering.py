"""From the files of all jobs to the result tables."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator
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
from dvs_snn.evaluation.readings import NETWORK, ends, read_readings
from dvs_snn.files.tables import growing_table, join_tables, read_table, schema, write_table
from dvs_snn.recordings.frames import read_index
from dvs_snn.recordings.plausibility.ranges import NETWORK as RANGED_NETWORK
from dvs_snn.recordings.plausibility.ranges import SYNOPS, marks, read_seen, within
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
        readings, set_layers, stops: of every network, on the sets.
        cnn_readings: of every CNN, by the variant that trained it.
        sweeps, sweep_layers, frames_rows: of the recordings A, B, C; of the tutorial's frames.
        facts, index: of the training recordings, if the study has them; of all frames.
        source, network: `data.source` and `model.name`.
        scales, methods: of each variant; `given` are those that came trained.
        cnns: of each variant the one whose CNN stands beside it; guests have none.
        guests: by name the networks from NIR files, which training's range says nothing of.
        outputs: the files of the tables.
    """

    readings: list[Path]
    set_layers: list[Path]
    stops: list[Path]
    cnn_readings: list[Path]
    sweeps: list[Path]
    sweep_layers: list[Path]
    curves: list[Path]
    frames_rows: list[Path]
    chosen: Path
    facts: list[Path]
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


END_COLUMNS = [
    "set",
    *NETWORK,
    "recording",
    "symbol",
    "label",
    "exit",
    "predicted",
    "correct",
    "operations",
    "operations_nonzero",
    "n_events",
    "recording_ms",
    "tied",
    "time_to_decision_ms",
    "n_frames",
    "n_events_outside",
    "duration_s",
    "box_px",
    "n_pixels",
    "short_interval_share",
]
"""Columns of readings that tables of whole recordings are made of."""


def read_ends(path: Path, sets: Collection[str] | None = None) -> Iterator[pd.DataFrame]:
    """Yield the readings to recordings' ends of each set of a file: `END_COLUMNS`."""
    for readings in read_readings(path, sets, END_COLUMNS):
        yield ends(readings)


Picked = dict[tuple[str, str, int], pd.DataFrame]
"""The CNN's readings to recordings' ends, by set, variant and seed."""


def picked_readings(paths: Iterable[Path]) -> Picked:
    """Return what every CNN read in the frames that validation picks, one pick for each training.

    Without the set validation these are the first frames.
    """
    read: dict[tuple[str, int], list[pd.DataFrame]] = defaultdict(list)
    for path in paths:
        for table in read_ends(path):
            first = table.iloc[0]
            read[str(first["variant"]), int(first["seed"])].append(table)
    picked = {}
    for (variant, seed), tables in read.items():
        of_validation = [table for table in tables if table["set"].iloc[0] == VALIDATION]
        frames = pick_frames(of_validation) or str(tables[0]["frames"].iloc[0])
        for table in tables:
            name = str(table["set"].iloc[0])
            picked[name, variant, seed] = table[table["frames"] == frames].reset_index(drop=True)
    return picked


@dataclass(frozen=True)
class Marking:
    """What marks recordings and networks in the tables.

    Attributes:
        seen: by variant what its training saw, no row if unknown.
        on_validation: by network its readings of validation, with their SynOps per event.
        quoted: the points in force.
        scales: of each variant.
    """

    seen: dict[str, pd.DataFrame]
    on_validation: dict[Hashable, pd.DataFrame]
    quoted: Quoted
    scales: dict[str, list[float]]

    @classmethod
    def of(cls, job: GatherJob, quoted: Quoted) -> "Marking":
        """Read what a job's files tell."""
        seen = dict.fromkeys(job.methods, read_seen(job.facts))
        seen |= dict.fromkeys(job.guests, read_seen([]))
        on_validation: dict[Hashable, pd.DataFrame] = {}
        for path in job.readings:
            for table in read_ends(path, [VALIDATION]):
                rows = _as_outcomes(table)
                rows[SYNOPS] = rows["synops"] / rows["n_events"]
                on_validation |= dict(list(rows.groupby(RANGED_NETWORK, observed=True)))
        return cls(seen, on_validation, quoted, job.scales)

    def marked(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Add `beyond_training` and `chosen` to the rows of one network, a row a recording."""
        beyond = marks(rows, self.seen[rows["variant"].iloc[0]], self.on_validation)
        return self.quoted.marked(rows.assign(beyond_training=beyond), self.scales)


def _as_outcomes(readings: pd.DataFrame) -> pd.DataFrame:
    """Name columns of readings as tables do."""
    return readings.rename(columns={"operations": "synops"})


def _predictions(rows: pd.DataFrame, cnn: pd.DataFrame | None, step_ms: float) -> pd.DataFrame:
    """Return rows of ``predictions.csv`` from marked readings of one set and network."""
    return rows.assign(
        silent=rows["predicted"].isna().astype(int),
        tied=rows["tied"].astype(int),
        n_steps=(rows["recording_ms"] / step_ms).round(),
        ann_predicted=None if cnn is None else cnn["predicted"].to_numpy(),
    )


def gather_tables(job: GatherJob) -> None:
    """Write the tables of what was measured, each quoted point marked."""
    choice = read_table(job.chosen, "stored_choice")
    quoted = Quoted.of(choice)
    marking = Marking.of(job, quoted)
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
                cnn = _beside(job, picked, whole.iloc[0])
                marked = marking.marked(_as_outcomes(whole))
                row = evaluation_row(whole, cnn, job.energy)
                rows.append(_key_and_marks(job, marking, marked) | row)
                add_predictions(named(_predictions(marked, cnn, job.step_ms), job.classes))
            stops = read_table(stops_path, "fixed_stops")
            add_exits(exits_table(readings, stops, quoted, job.energy))
    evaluation = _evaluation_table(job, rows, quoted)
    write_table(evaluation, job.outputs["evaluation"], "evaluation")
    timing = evaluation.loc[evaluation["scale"].notna(), "timing"].max()
    write_table(
        choice_table(choice.assign(timing=timing), job.energy), job.outputs["choice"], "choice"
    )
    _write_joined(job, marking)
    # Without a choice there is no best method: then all that is quoted stands beside the published.
    answering = evaluation[evaluation["method"] == quoted.best] if quoted.best else evaluation
    # Our recordings are compared with the tutorial's own alone.
    compared = ("recordings", "layers") if job.source == "tutorial" else ()
    shown = {name: read_table(job.outputs[name], name) for name in compared}
    published = read_published(job.published)
    comparison = comparison_table(published, answering, job.source, job.network, **shown)
    write_table(comparison, job.outputs["comparison"], "comparison")


def _beside(job: GatherJob, picked: Picked, key: pd.Series) -> pd.DataFrame | None:
    """Return what the CNN beside a network read of the same set; None if it has none."""
    variant = job.cnns.get(key["variant"])
    return None if variant is None else picked[key["set"], variant, key["seed"]]


def _key_and_marks(job: GatherJob, marking: Marking, marked: pd.DataFrame) -> dict[str, object]:
    """Name a set and a network for ``evaluation.csv``, and tell what training covers of the set."""
    first = marked.iloc[0]
    row = {name: first[name] for name in ("set", "variant", "seed", "scale", "timing")}
    row |= within(marked, marking.seen[first["variant"]])
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


def _write_joined(job: GatherJob, marking: Marking) -> None:
    """Write the tables that are one job's after the other's."""
    swept = (marking.marked(read_table(path, "sweeps")) for path in job.sweeps)
    layers = [*job.set_layers, *job.sweep_layers]
    pieces = {
        "recordings": (
            recordings_table(named(rows, job.classes), job.energy, job.step_ms) for rows in swept
        ),
        "layers": (layers_table(read_table(path, "set_layers")) for path in layers),
        "training": (read_table(path, "training") for path in job.curves),
    }
    for name, tables in pieces.items():
        with growing_table(job.outputs[name], name) as add:
            for table in tables:
                add(table)
