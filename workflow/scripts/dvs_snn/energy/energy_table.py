"""What a reading costs at every price, for both sides: ``energy.csv``.

A row is a point that validation chose, or a side at one accuracy, at one price and one idle power.
What each layer did until the stop comes from the tables `stop_layers`. A price that needs nothing
but operations needs no layers. If an engine counts no layers, the rows that need them are absent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.energy.chips import chips_table, read_chips
from dvs_snn.energy.price import (
    Price,
    flat_prices,
    frames_uj,
    idle_powers,
    idle_uj,
    layers_uj,
    operations_uj,
    power_mw,
    read_prices,
)
from dvs_snn.files.tables import join_tables, read_table, schema, write_table
from dvs_snn.points.front import ANY
from dvs_snn.points.point import CHOSEN, EQUAL, POINT, PUBLISHED
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sides import CNN
from dvs_snn.settings.sweep import Power

NETWORK_POINT = ["set", "side", "variant", "scale", "exit", "frames"]
"""Columns by which a point finds what the layers of each training did."""

ON_SET = ["set", *POINT]
"""Columns by which a point finds its trainings."""


@dataclass(frozen=True, eq=False)
class Asked:
    """The points that are priced, and what their trainings did.

    Attributes:
        points: a row for each: `ON_SET`, `at`, `method`, `accuracy`, `operations_per_reading` and
            its ends, `time_ms`, `recording_ms`, `n_seeds`. The column `asked` numbers them.
        trainings: by `asked` and `seed` what a reading takes: `operations`, `time_ms` and
            `recording_ms`.
        layers: by `asked` and `seed` what each layer did, beside its geometry.
    """

    points: pd.DataFrame
    trainings: pd.DataFrame
    layers: pd.DataFrame

    def spent(self, price: Price) -> pd.DataFrame:
        """Return `trainings` with `uj`, what a reading costs at a price without idle power.

        Trainings without counted layers are left out if the price needs layers.
        """
        trainings = self.trainings
        if price.needs_operations_alone:
            uj = operations_uj(price, trainings["side"], trainings["operations"])
            return trainings.assign(uj=uj)
        layers = self.layers.assign(uj=layers_uj(price, self.layers))
        of_readings = layers.groupby(["asked", "seed"], as_index=False).agg(
            uj=("uj", "sum"),
            side=("side", "first"),
            n_events=("n_events", "first"),
            n_recordings=("n_recordings", "first"),
        )
        into_frames = frames_uj(price, of_readings["n_events"])
        whole = of_readings["uj"] + into_frames.where(of_readings["side"] == CNN, 0.0)
        of_readings["uj"] = whole / of_readings["n_recordings"]
        return trainings.merge(of_readings[["asked", "seed", "uj"]], on=["asked", "seed"])


def asked_points(
    points: pd.DataFrame, equal: pd.DataFrame, layers: pd.DataFrame, network: pd.DataFrame
) -> Asked:
    """Return what is priced.

    Args:
        points, equal, network: the tables ``points``, ``equal_accuracy`` and ``network``.
        layers: rows of `stop_layers`, sums over the recordings of a set.
    """
    points = points[points["method"] != PUBLISHED]
    by_training = points[points["seed"].notna()]
    rows = pd.concat([_chosen(points), _at_equal_accuracy(equal, points)], ignore_index=True)
    rows = rows.assign(asked=np.arange(len(rows)))

    names = {"operations_per_reading": "operations", "time_to_exit_ms": "time_ms"}
    measured = by_training.rename(columns=names)
    measured = measured[[*ON_SET, "seed", *names.values(), "recording_ms"]]
    trainings = rows[["asked", *ON_SET]].merge(measured, on=ON_SET)

    geometry = network.rename(columns={"macs": "macs_per_frame"})
    done = rows[["asked", *ON_SET]].merge(layers.drop(columns="timing"), on=NETWORK_POINT)
    return Asked(rows, trainings, done.merge(geometry, on="layer"))


def _chosen(points: pd.DataFrame) -> pd.DataFrame:
    """Return the points that validation chose, means over trainings, on all other sets."""
    is_quoted = (points["chosen"] == 1) & points["seed"].isna() & (points["set"] != VALIDATION)
    rows = points[is_quoted].rename(columns={"time_to_exit_ms": "time_ms"})
    kept = ["method", *ON_SET, "accuracy", "operations_per_reading", "time_ms", "recording_ms"]
    return rows[[*kept, "n_seeds"]].assign(at=CHOSEN)


def _at_equal_accuracy(equal: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Return both sides at the stated accuracies: all spiking networks, and each CNN."""
    is_side = (equal["side"] == CNN) | (equal["method"] == ANY)
    rows = equal[(equal["at"] == EQUAL) & is_side].rename(columns={"time_to_exit_ms": "time_ms"})
    ends = [f"operations_per_reading{end}" for end in ("", "_low", "_high")]
    lengths = points[points["seed"].isna()].groupby(["set", "side"])["recording_ms"].first()
    rows = rows.join(lengths, on=["set", "side"])
    kept = ["method", *ON_SET, "accuracy", *ends, "time_ms", "recording_ms", "n_seeds"]
    return rows[kept].assign(at=EQUAL)


def energy_table(asked: Asked, prices: Sequence[Price]) -> pd.DataFrame:
    """Return ``energy.csv``: each asked point at each price, at each of its idle powers."""
    nothing = pd.DataFrame(columns=list(schema("energy")))
    if asked.points.empty:
        return nothing
    powers = idle_powers(prices)
    tables = []
    for price in prices:
        spent = asked.spent(price)
        for idle_mw in powers[price.model]:
            for table in _priced(asked.points, spent, price, idle_mw):
                about = {
                    "model": price.model,
                    "kind": price.kind,
                    "idle_mw": idle_mw,
                    "leaves_out": price.leaves_out,
                    "source": price.source,
                }
                tables.append(table.assign(**about))
    table = pd.concat([each for each in tables if len(each)], ignore_index=True)
    return table.sort_values("asked", kind="stable")[list(nothing)]


def _priced(
    points: pd.DataFrame, spent: pd.DataFrame, price: Price, idle_mw: float
) -> Iterator[pd.DataFrame]:
    """Yield the chosen points at a price, then both sides at equal accuracy."""
    yield _priced_chosen(points[points["at"] == CHOSEN], spent, idle_mw)
    yield _priced_at_equal_accuracy(points[points["at"] == EQUAL], spent, price, idle_mw)


def _priced_chosen(points: pd.DataFrame, spent: pd.DataFrame, idle_mw: float) -> pd.DataFrame:
    """Return chosen points with their energy, mean over trainings, and the ends of one training."""
    energy = spent["uj"] + idle_uj(idle_mw, spent["time_ms"])
    of_trainings = spent.assign(
        energy=energy,
        while_reading=power_mw(energy, spent["time_ms"]),
        of_stream=power_mw(spent["uj"], spent["recording_ms"]) + idle_mw,
    )
    means = of_trainings.groupby("asked", as_index=False).agg(
        operations_uj=("uj", "mean"),
        energy_low=("energy", "min"),
        energy_high=("energy", "max"),
        power_while_reading_mw=("while_reading", "mean"),
        power_of_stream_mw=("of_stream", "mean"),
    )
    rows = points.merge(means, on="asked")
    rows["idle_uj"] = idle_uj(idle_mw, rows["time_ms"])
    return rows.assign(energy_per_reading_uj=rows["operations_uj"] + rows["idle_uj"])


def _priced_at_equal_accuracy(
    points: pd.DataFrame, spent: pd.DataFrame, price: Price, idle_mw: float
) -> pd.DataFrame:
    """Return sides at equal accuracy with their energy, and that of the ends of their operations.

    Their operations lie between two points of a front. They are priced as those of the next more
    accurate point, the one that the row names.
    """
    if price.needs_operations_alone:
        one_operation = pd.Series(1.0, points.index)
        per_operation = operations_uj(price, points["side"], one_operation)
        rows = points.assign(uj_per_operation=per_operation)
    else:
        means = spent.groupby("asked")[["uj", "operations"]].mean()
        per_operation = (means["uj"] / means["operations"]).rename("uj_per_operation")
        rows = points.merge(per_operation.reset_index(), on="asked")
    idle = idle_uj(idle_mw, rows["time_ms"])
    of_operations = rows["uj_per_operation"] * rows["operations_per_reading"]
    energy = of_operations + idle
    return rows.assign(
        operations_uj=of_operations,
        idle_uj=idle,
        energy_per_reading_uj=energy,
        energy_low=rows["uj_per_operation"] * rows["operations_per_reading_low"] + idle,
        energy_high=rows["uj_per_operation"] * rows["operations_per_reading_high"] + idle,
        power_while_reading_mw=power_mw(energy, rows["time_ms"]),
        power_of_stream_mw=power_mw(of_operations, rows["recording_ms"]) + idle_mw,
    )


@dataclass(frozen=True)
class EnergyJob:
    """What the rule `energy` gives.

    Attributes:
        points, equal_accuracy, network: tables of these names.
        stop_layers: of all networks and CNNs.
        prices: the shipped prices of both sides.
        chips: published figures of chips.
        power: the study's flat price, its band and its idle power.
        outputs: the files of the tables `chips` and `energy`.
    """

    points: Path
    equal_accuracy: Path
    network: Path
    stop_layers: list[Path]
    prices: Path
    published_chips: Path
    power: Power
    outputs: dict[str, Path]


def price_points(job: EnergyJob) -> None:
    """Write ``energy.csv`` and ``chips.csv``."""
    kinds = {"scale": "float", "exit": "float"}
    asked = asked_points(
        read_table(job.points, "points", **kinds),
        read_table(job.equal_accuracy, "equal_accuracy", **kinds),
        join_tables(job.stop_layers, "stop_layers", **kinds).astype(kinds),
        read_table(job.network, "network"),
    )
    prices = [*read_prices(job.prices), *flat_prices(job.power)]
    write_table(energy_table(asked, prices), job.outputs["energy"], "energy")
    chips = chips_table(read_chips(job.published_chips), job.power.energy_band_pj)
    write_table(chips, job.outputs["chips"], "chips")
