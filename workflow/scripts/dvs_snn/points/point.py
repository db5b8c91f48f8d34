"""A point: a network, where it stops, and which of its operations are counted.

Tables name a point by the same columns, `POINT`, and its method beside them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal

import pandas as pd

from dvs_snn.settings.guests import NIR
from dvs_snn.settings.sides import CNN, SPIKING, Side
from dvs_snn.settings.training_settings import RESCALED

EARLY_EXIT: Final = "early-exit"
"""The method that stops any of the spiking networks when its best output leads by enough spikes."""

PLAIN_CNN: Final = "cnn"
"""The method of the CNN on frames."""

SPARSE_CNN: Final = "sparse-cnn"
"""The method of a CNN whose weights learnt to spare operations: of any variant but `rescaled`."""

PUBLISHED: Final = "published"
"""What stands in the column `method` of points that others published."""

CHOSEN: Final = "chosen"
EQUAL: Final = "equal accuracy"
"""Where points are compared: those that validation chose, or a front at a stated accuracy."""

Counted = Literal["SynOps", "all MACs", "MACs at non-zero"]
"""Which operations count. Hardware that skips zeros does the MACs at non-zero alone."""

SYNOPS: Final = "SynOps"
ALL_MACS: Final = "all MACs"
NONZERO_MACS: Final = "MACs at non-zero"

COUNTED_OF: Mapping[Side, Mapping[Counted, str]] = {
    SPIKING: {SYNOPS: "operations"},
    CNN: {ALL_MACS: "operations", NONZERO_MACS: "operations_nonzero"},
}
"""What may be counted on each side, and the column of readings that counts it."""


@dataclass(frozen=True)
class Point:
    """A network, where it stops, and which of its operations are counted.

    Attributes:
        side: spiking network or CNN.
        variant: whose weights it has.
        scale: factor on the weights of its first layer.
        exit: the lead of the best output at which it stops; None: at the recording's end.
        frames: name of the frames that a CNN reads; empty for a spiking network.
        counted: its operations that count.
    """

    side: Side
    variant: str
    scale: float
    exit: float | None = None
    frames: str = ""
    counted: Counted = SYNOPS

    @classmethod
    def of(cls, row: Mapping[Any, Any] | pd.Series) -> "Point":
        """Return the point that a row of a table names by the columns `POINT`."""
        return cls(
            side=row["side"],
            variant=str(row["variant"]),
            scale=float(row["scale"]),
            exit=None if pd.isna(row["exit"]) else float(row["exit"]),
            frames=str(row["frames"]),
            counted=row["counted"],
        )

    @property
    def order(self) -> tuple[str, str, str, float, float]:
        """By it points stand in tables; those to recordings' ends come last."""
        last = math.inf if self.exit is None else self.exit
        return self.variant, self.frames, self.counted, self.scale, last

    def method(self, methods: Mapping[str, str]) -> str:
        """Return the method of the point; `methods` are those of the variants.

        All spiking networks that stop early are of the method `EARLY_EXIT`. Networks from NIR files
        belong to no method of ours.
        """
        trained_by = methods[self.variant]
        if self.side == CNN:
            return PLAIN_CNN if trained_by == RESCALED else SPARSE_CNN
        if self.exit is None or trained_by == NIR:
            return trained_by
        return EARLY_EXIT


POINT: Final = [field.name for field in fields(Point)]
"""The columns that name a point."""


def points_of(rows: pd.DataFrame) -> list[Point]:
    """Return the point of each row of a table."""
    return [Point.of(row) for row in rows.to_dict("records")]


def point_rows(points: Sequence[Point]) -> pd.DataFrame:
    """Return points as rows, with the columns `POINT`; an exit at the recording's end is empty."""
    table = pd.DataFrame([asdict(point) for point in points], columns=POINT)
    return table.astype({"scale": float, "exit": float})
