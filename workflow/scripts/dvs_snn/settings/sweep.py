"""The sweep, the choice of an operating point, and the energy of a synaptic operation."""

import math
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from dvs_snn.settings.base import (
    Count,
    Factor,
    Number,
    RangeOf,
    SetOf,
    Unsigned,
    key,
    section,
)


def scale_name(scale: float) -> str:
    """Return the scale as it stands in file names: fixed width, two decimals."""
    return f"{scale:.2f}"


def nearest_to_one(scales: Iterable[float]) -> float:
    """Return the scale nearest to 1, the network as converted; of two, the smaller."""
    return min(scales, key=lambda scale: (abs(math.log(scale)), scale))


@section
class Sweep:
    """The sweep over the first layer's scale."""

    scales: SetOf[Factor] = key("factors on the first layer's weights", (1.0,))


@section
class Choice:
    """How validation chooses the scale that is quoted, one for all seeds of a variant."""

    rule: Literal["cheapest-within", "best"] = key(
        "the cheapest scale near the best accuracy, or the most accurate", "cheapest-within"
    )
    within: Number = key("the margin of accuracy", 0.5, "percentage points", ge=0, le=100)
    exits: SetOf[Count] = key(
        "leads of the best output at which early exit is tried",
        (1, 2, 3, 4, 6, 8, 12, 16, 24, 32),
        "spikes",
    )

    @property
    def margin(self) -> float:
        """By how much the accuracy of the chosen point may be below the best, as a share."""
        return self.within / 100 if self.rule == "cheapest-within" else 0.0


# From a femtojoule to a microjoule: a value in joules lies below.
Picojoule = Annotated[Number, Field(ge=1e-3, le=1e6)]


@section
class Power:
    """From synaptic operations to power."""

    energy_per_synop_pj: Picojoule = key("energy of one synaptic operation", 10.0, "pJ")
    energy_band_pj: RangeOf[Picojoule] = key("its band", (0.9, 105.0), "pJ")
    static_power_mw: Unsigned = key("power drawn without any spike", 0.0, "mW")
