"""From the files of all jobs to the result tables."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dvs_snn.energy.price import Price, energy_uj, power_mw, study_price
from dvs_snn.evaluation.frame_choice import pick_frames
from dvs_snn.evaluation.readings import ends, read_readings
from dvs_snn.files.tables import growing_table, join_tables, read_table, schema, write_table
from dvs_snn.points.choice import Quoted
from dvs_snn.recordings.frames import read_index
from dvs_snn.settings.guests import Guest
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sides import CNN, SPIKING
from dvs_snn.settings.sweep import Power
from dvs_snn.settings.training_settings import SYNOPS_EVENTS
from dvs_snn.summaries.result_rows import evaluation_row, layers_table, named, recordings_table


def choice_table(choice: pd.DataFrame, price: Price) -> pd.DataFrame:
    """Return ``choice.csv`` from `choose_points`; power is SynOps per event x events per second."""
    synops = {"mw": "synops_per_3000_events", "low": "synops_low", "high": "synops_high"}
    one_second_ms = pd.Series(1000.0, choice.index)
    powers = {}
    for end, name in synops.items():
        synops_per_s = choice[name] * choice["event_rate_hz"] / SYNOPS_EVENTS
        energy = energy_uj(price, SPIKING, synops_per_s, one_second_ms)
        powers[f"power_{end}"] = power_mw(energy, one_second_ms)
    return choice.assign(**powers)[list(schema("choice"))]


@dataclass(frozen=True)
class GatherJob:
    """What the rule `gather` gives.

    Attributes:
        readings: of every network, on the sets.
        cnn_readings: of every CNN, by the variant that trained it.
        sweeps, frames_rows: of the recordings A, B, C; of the tutorial's frames.
        layers: of every network, on sets and on the recordings.
        index: of all frames.
        power: the study's flat price, and its idle power.
        source: `data.source`.
        scales, methods: of each variant; `given` are those that came trained.
        cnns: of each variant the one whose CNN stands beside it; guests have none.
        guests: by name the networks from NIR files.
        outputs: the files of the tables.
    """

    readings: list[Path]
    cnn_readings: list[Path]
    sweeps: list[Path]
    layers: list[Path]
    curves: list[Path]
    frames_rows: list[Path]
    chosen: Path
    index: Path
    power: Power
    step_ms: float
    source: str
    classes: list[str]
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
    price = study_price(job.power)
    evaluation = _evaluation_table(job, _gather_networks(job, quoted, price), quoted)
    write_table(evaluation, job.outputs["evaluation"], "evaluation")
    timing = evaluation.loc[evaluation["side"] == SPIKING, "timing"].max()
    with_powers = choice_table(choice.assign(timing=timing), price)
    write_table(with_powers, job.outputs["choice"], "choice")
    _write_joined(job, quoted, price)


def _gather_networks(job: GatherJob, quoted: Quoted, price: Price) -> list[dict[str, object]]:
    """Write predictions, a network at a time; return the rows of ``evaluation.csv``."""
    picked = picked_readings(job.cnn_readings)
    rows = []
    with growing_table(job.outputs["predictions"], "predictions") as add_predictions:
        # Of the millions of rows of a large study it holds those of one set and network.
        for path in job.readings:
            for whole in map(ends, read_readings(path)):
                first = whole.iloc[0]
                beside = job.cnns.get(first["variant"])
                cnn = picked[first["set"], beside, first["seed"]] if beside else None
                marked = quoted.marked(whole.rename(columns={"operations": "synops"}), job.scales)
                rows.append(_key(job, marked) | evaluation_row(whole, cnn, price))
                predictions = marked.assign(
                    silent=marked["predicted"].isna().astype(int),
                    tied=marked["tied"].astype(int),
                    n_steps=(marked["recording_ms"] / job.step_ms).round(),
                    cnn_predicted=None if cnn is None else cnn["predicted"].to_numpy(),
                )
                add_predictions(named(predictions, job.classes))
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
        frames = join_tables(job.frames_rows, "frames_rows").assign(side=CNN)
        frames = frames.reindex(columns=evaluation.columns)
        evaluation = pd.concat([frames, evaluation], ignore_index=True)
    evaluation["method"] = evaluation["variant"].map(job.methods)
    # The tutorial's frames don't tell their symbols, nor do weights that a file gave.
    if job.source != "tutorial":
        frames = read_index(job.index, ["symbol", "split"])
        n_symbols = frames.loc[frames["split"] == "train", "symbol"].nunique()
        is_trained_here = ~evaluation["variant"].isin(job.given)
        evaluation.loc[is_trained_here, "n_training_symbols"] = n_symbols
    return quoted.marked(evaluation, job.scales)


def _write_joined(job: GatherJob, quoted: Quoted, price: Price) -> None:
    """Write the tables that join files of earlier jobs: one file's rows follow another's."""
    with growing_table(job.outputs["recordings"], "recordings") as add:
        for path in job.sweeps:
            swept = read_table(path, "sweeps").assign(side=SPIKING)
            rows = named(quoted.marked(swept, job.scales), job.classes)
            add(recordings_table(rows, price, job.step_ms))
    with growing_table(job.outputs["layers"], "layers") as add:
        for path in job.layers:
            add(layers_table(read_table(path, "set_layers")))
    with growing_table(job.outputs["training"], "training") as add:
        for path in job.curves:
            add(read_table(path, "training"))
