"""What each point reads and costs on every set: ``points.csv``."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import schema
from dvs_snn.points.choice import Quoted, cnn_choices
from dvs_snn.points.front import SIDES, Grouped, fronts_of_validation
from dvs_snn.points.point import POINT, PUBLISHED, SYNOPS, Point, point_rows, points_of
from dvs_snn.points.trials import Sums, Tried, ratio
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sides import CNN, SPIKING
from dvs_snn.settings.training_settings import SYNOPS_EVENTS

KEY = ["set", "method", *POINT]
"""Columns that name a point on a set; its trainings have a row each, and their mean has one."""

MEANS = (
    "accuracy",
    "operations_per_reading",
    "operations_per_3000_events",
    "events_per_reading",
    "time_to_exit_ms",
    "recording_ms",
    "exited_fraction",
)
"""Columns that are measured by training; the row without a seed has their means."""

STOPS = ("stop_ms", "stop_accuracy", "stop_operations_per_reading")
"""Columns of the fixed stop that stands beside an exit."""

DIFFERS = (
    "{source} ({certainty}): {conditions}. What differs: MNIST-DVS scale 16 in samples of 3,000 "
    "events, 1 ms steps, a network of three convolutions, no edges. Their count includes the input "
    "layer (3,000 x 72 = 0.216 M), as ours does"
)


def measures(sums: Sums) -> dict[str, np.ndarray]:
    """Return `MEANS` of sums over recordings, each sum over sum and of their shape.

    Operations per 3,000 events are those until the exit over all events, nan without any event.
    """
    n = sums.recordings
    return {
        "accuracy": sums.correct / n,
        "operations_per_reading": sums.operations / n,
        "operations_per_3000_events": SYNOPS_EVENTS * ratio(sums.operations, sums.events),
        "events_per_reading": sums.events_read / n,
        "time_to_exit_ms": sums.time_ms / n,
        "recording_ms": sums.whole_ms / n,
        "exited_fraction": sums.exited / n,
    }


def by_training(tried: Tried) -> pd.DataFrame:
    """Return a row for each set, point and training: `KEY`, `seed`, `MEANS` and numbers of both."""
    tables = []
    for (name, method), trials in tried.items():
        table = point_rows([point for point in trials.points for _ in trials.seeds])
        table = table.assign(set=name, method=method, n_symbols=len(trials.symbols), n_seeds=1)
        table["seed"] = np.tile(trials.seeds, len(trials.points))
        totals = trials.totals
        table["n_recordings"] = totals.recordings.ravel()
        for column, values in measures(totals).items():
            table[column] = values.ravel()
        tables.append(table)
    columns = [*KEY, "seed", "n_recordings", "n_symbols", "n_seeds", *MEANS]
    if not tables:
        return pd.DataFrame(columns=columns)
    return pd.concat(tables, ignore_index=True)[columns]


def means_of(rows: pd.DataFrame, measured: Sequence[str] = MEANS) -> pd.DataFrame:
    """Return the means over the trainings of rows by training, a row for each set and point.

    `measured` are the columns whose means are taken.
    """
    how = {"n_recordings": "max", "n_symbols": "max", "n_seeds": "sum"}
    how |= dict.fromkeys(measured, "mean")
    means = rows.groupby(KEY, sort=False, dropna=False, as_index=False).agg(how)
    return means.assign(seed=pd.NA)


def accuracy_intervals(drawn: np.ndarray, n_symbols: int, n_seeds: int) -> np.ndarray:
    """Return 95 % intervals of accuracies, means over trainings: float64 (point, 2).

    At each end the wider of two: Wilson's, which has a width even if every symbol was read, and the
    bootstrap's, which knows how trainings differ; of one training Wilson's. `drawn` (draw, point)
    begins with the set itself.
    """
    wilson = np.array([wilson_interval(float(share), n_symbols) for share in drawn[0]])
    if n_seeds == 1:
        return wilson
    low, high = np.quantile(drawn[1:], [0.025, 0.975], axis=0)
    return np.stack([np.minimum(wilson[:, 0], low), np.maximum(wilson[:, 1], high)], axis=1)


def drawn_intervals(tried: Tried, seed: int) -> pd.DataFrame:
    """Return the interval of each spiking point's accuracy, mean over trainings: `KEY` and ends.

    A bootstrap draws trainings and symbols at once.
    """
    tables = []
    for (name, method), trials in tried.items():
        if trials.points[0].side == CNN:
            continue
        drawn = trials.measured(trials.weights(seed, "bootstrap of the front")).accuracy
        ends = accuracy_intervals(drawn, len(trials.symbols), len(trials.seeds))
        table = point_rows(trials.points).assign(set=name, method=method)
        tables.append(table.assign(drawn_low=ends[:, 0], drawn_high=ends[:, 1]))
    columns = [*KEY, "drawn_low", "drawn_high"]
    return pd.concat(tables)[columns] if tables else pd.DataFrame(columns=columns)


def _with_intervals(rows: pd.DataFrame, drawn: pd.DataFrame) -> pd.DataFrame:
    """Give each row its interval: a mean over trainings the drawn one, all others Wilson's."""
    wilson = [
        wilson_interval(accuracy, n_symbols)
        for accuracy, n_symbols in zip(rows["accuracy"], rows["n_symbols"], strict=True)
    ]
    ends = rows[KEY].merge(drawn, how="left", on=KEY)
    is_drawn = rows["seed"].isna().to_numpy() & ends["drawn_low"].notna().to_numpy()
    return rows.assign(
        accuracy_low=np.where(is_drawn, ends["drawn_low"], [low for low, _ in wilson]),
        accuracy_high=np.where(is_drawn, ends["drawn_high"], [high for _, high in wilson]),
    )


def fixed_stops_beside(rows: pd.DataFrame, stops: pd.DataFrame) -> pd.DataFrame:
    """Return `STOPS` beside rows by training: the fixed stop that is as accurate as each exit.

    It is the earliest time at which validation is read as well as with the exit, if all recordings
    stop at that time. It is empty if there is none, and for CNNs.

    Args:
        rows: by training, as `by_training` gives them.
        stops: rows of `fixed_stops` of all networks.
    """
    network = ["variant", "seed", "scale"]
    table = pd.DataFrame(np.nan, rows.index, list(STOPS))
    spiking = rows[rows["side"] == SPIKING]
    at_stops = stops.assign(
        accuracy=stops["n_correct"] / stops["n_recordings"],
        operations=stops["synops"] / stops["n_recordings"],
    )
    stops_of = dict(list(at_stops.groupby(network)))
    for key, of_network in spiking.groupby(network):
        known = stops_of.get(key)
        of_validation = of_network[of_network["set"] == VALIDATION].set_index("exit")["accuracy"]
        if known is None or of_validation.empty:
            continue
        known = known.set_index(["set", "stop_ms"]).sort_index()
        tried = known["accuracy"][VALIDATION]
        for place, name, lead in of_network[["set", "exit"]].itertuples():
            reaches = tried >= of_validation.loc[lead]
            if reaches.any():
                stop = (name, reaches.idxmax())
                table.loc[place] = [
                    stop[1],
                    known.loc[stop, "accuracy"],
                    known.loc[stop, "operations"],
                ]
    return table


def points_table(
    tried: Tried,
    groups: Grouped,
    quoted: Quoted,
    evaluation: pd.DataFrame,
    stops: pd.DataFrame,
    published: pd.DataFrame,
    seed: int,
) -> pd.DataFrame:
    """Return ``points.csv``: every point on every set, and the published points.

    Validation chose the points and the front; each other set was measured once. Without a choice
    the networks that ``evaluation.csv`` marks are marked here too.

    Args:
        groups: of the same trials.
        evaluation: it orders the sets, as the page names them.
        stops: rows of `fixed_stops`.
        published: ``workflow/data/published.tsv``.
    """
    rows = by_training(tried)
    rows = pd.concat([rows, fixed_stops_beside(rows, stops)], axis=1)
    rows = pd.concat([rows, means_of(rows, (*MEANS, *STOPS))], ignore_index=True)
    rows = _with_intervals(rows, drawn_intervals(tried, seed))

    points = points_of(rows)
    fronts = fronts_of_validation(groups)
    on_front = {point for group in SIDES for point in fronts.get(group, [])}
    chosen = chosen_points(tried, quoted, evaluation)
    methods = rows["method"].tolist()
    of_spiking = evaluation[evaluation["side"] == SPIKING]
    timing = of_spiking["timing"].max()
    rows = rows.assign(
        on_front=[int(point in on_front) for point in points],
        chosen=[int(named in chosen) for named in zip(methods, points, strict=True)],
        timing=rows["side"].map({SPIKING: timing, CNN: ""}),
        note="",
    )

    order = {name: place for place, name in enumerate(of_spiking["set"].unique())}
    # Spiking networks stand first, and trainings before their mean.
    rows = rows.assign(
        set_order=rows["set"].map(order),
        is_cnn=rows["side"] == CNN,
        is_mean=rows["seed"].isna(),
    )
    in_order = ["is_cnn", "set_order", "is_mean", "method", *POINT[1:], "seed"]
    rows = rows.sort_values(in_order, kind="stable")
    table = pd.concat([rows, _published_rows(published)], ignore_index=True)
    return table.reindex(columns=list(schema("points")))


def chosen_points(tried: Tried, quoted: Quoted, evaluation: pd.DataFrame) -> set[tuple[str, Point]]:
    """Return method and point of all that validation chose, CNNs too."""
    chosen = set(quoted.points.items())
    if not chosen:
        marked = evaluation[evaluation["chosen"] == 1]
        for method, variant, scale in zip(
            marked["method"], marked["variant"], marked["scale"], strict=True
        ):
            chosen.add((method, Point(SPIKING, variant, float(scale))))
    for (name, method), trials in tried.items():
        if name == VALIDATION and trials.points[0].side == CNN:
            chosen |= {(method, point) for point in cnn_choices(trials, method, quoted.margin)}
    return chosen


def _published_rows(published: pd.DataFrame) -> pd.DataFrame:
    """Return the paper's points with what differs, from ``workflow/data/published.tsv``."""
    figures = published.set_index("quantity").sort_index().astype({"value": float})
    points = figures[figures.index.str.fullmatch("sorbaro_.*_accuracy")]
    names = points.index.str.removesuffix("_accuracy")
    rows = {
        "variant": names.str.removeprefix("sorbaro_").str.replace("_", " "),
        "accuracy": points["value"].to_numpy(),
        "operations_per_3000_events": figures.loc[names + "_synops", "value"].to_numpy(),
        "note": [DIFFERS.format(**about) for about in points.to_dict("records")],
    }
    return pd.DataFrame(rows).assign(
        set="", side=SPIKING, method=PUBLISHED, frames="", counted=SYNOPS
    )
