"""A price: what operations, spikes, activations and idling cost on both sides of the comparison.

Prices are rows of ``workflow/data/energy_models.tsv``. The study's own flat price and the ends of
its band are rows of the same form, made from the settings. Nothing else multiplies by picojoules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeVar

import numpy as np
import pandas as pd
from pydantic import TypeAdapter

from dvs_snn.files.tables import read_shipped, schema
from dvs_snn.points.point import ALL_MACS
from dvs_snn.points.trials import ratio
from dvs_snn.settings.sides import CNN, SPIKING, Side
from dvs_snn.settings.sweep import Power

Amount = TypeVar("Amount", float, pd.Series, np.ndarray)
"""One number, or one for each row of a table or entry of an array."""

Kind = Literal["flat", "arithmetic", "memory", "chip"]
"""What a price counts: operations alone at one energy, arithmetic, memory too, or a whole chip."""

FLAT: Final = "flat"
ARITHMETIC: Final = "arithmetic"

FLAT_MODEL: Final = "flat"
LOWEST_FLAT: Final = "flat, lowest of the band"
HIGHEST_FLAT: Final = "flat, highest of the band"

SPECK_IDLE_MW: Final = 0.42
"""Idle power of Speck's processor (Yao et al. 2024, Nat. Commun. 15:4464)."""

_UJ_IN_PJ = 1e-6
"""Microjoules of a picojoule."""


@dataclass(frozen=True)
class Price:
    """What one model of energy charges, in pJ, for both sides.

    Attributes:
        model: its name.
        kind: what it counts.
        synop_pj: of each SynOp.
        spike_in_pj, spike_out_pj: of each spike that arrives at a layer, and that leaves one.
        touched_pj: of each neuron that all that arrives at once reaches.
        address_pj: of each address that a spike's kernel asks for.
        conv_spike_pj: of each spike that arrives at a convolution.
        mac_pj: of each MAC.
        all_macs: 1 if all MACs count, those at zeros too.
        output_pj, input_pj: of each activation that a layer writes, and reads once.
        weight_pj: of each weight that is read once a frame.
        mac_address_pj: of each address that a kernel asks for once a frame.
        event_pj: of each event that is put into a frame.
        idle_mw: power in mW while the network does nothing, the same on both sides.
        leaves_out, source, certainty: what it doesn't price, where it stands, how sure it is.
    """

    model: str
    kind: Kind
    synop_pj: float
    mac_pj: float
    spike_in_pj: float = 0.0
    spike_out_pj: float = 0.0
    touched_pj: float = 0.0
    address_pj: float = 0.0
    conv_spike_pj: float = 0.0
    all_macs: int = 0
    output_pj: float = 0.0
    input_pj: float = 0.0
    weight_pj: float = 0.0
    mac_address_pj: float = 0.0
    event_pj: float = 0.0
    idle_mw: float = 0.0
    leaves_out: str = ""
    source: str = ""
    certainty: str = ""

    @property
    def needs_operations_alone(self) -> bool:
        """Whether it charges nothing but the operations that a point counts."""
        others = (
            self.spike_in_pj,
            self.spike_out_pj,
            self.touched_pj,
            self.address_pj,
            self.conv_spike_pj,
            self.output_pj,
            self.input_pj,
            self.weight_pj,
            self.mac_address_pj,
            self.event_pj,
        )
        return not self.all_macs and not any(others)

    def per_operation_pj(self, side: Side) -> float:
        """Return what an operation of a side costs."""
        return {SPIKING: self.synop_pj, CNN: self.mac_pj}[side]


def flat_price(
    pj: float, idle_mw: float = 0.0, model: str = FLAT_MODEL, source: str = "the study's settings"
) -> Price:
    """Return a price at which a SynOp and a MAC cost the same, and nothing else but idling."""
    return Price(
        model=model,
        kind=FLAT,
        synop_pj=float(pj),
        mac_pj=float(pj),
        idle_mw=float(idle_mw),
        leaves_out="all but operations and idle power",
        source=source,
        certainty="assumed",
    )


def study_price(power: Power) -> Price:
    """Return the flat price of the study's settings."""
    return flat_price(power.energy_per_synop_pj, power.static_power_mw)


def flat_prices(power: Power) -> list[Price]:
    """Return the study's flat price, and those of the ends of its band."""
    low_pj, high_pj = power.energy_band_pj
    return [
        study_price(power),
        flat_price(low_pj, power.static_power_mw, LOWEST_FLAT),
        flat_price(high_pj, power.static_power_mw, HIGHEST_FLAT),
    ]


def read_prices(path: Path) -> list[Price]:
    """Read ``workflow/data/energy_models.tsv``."""
    rows = read_shipped(path, tuple(schema("energy_models")))
    return TypeAdapter(list[Price]).validate_python(rows.to_dict("records"))


def idle_powers(prices: Sequence[Price]) -> Mapping[str, list[float]]:
    """Return the idle powers in mW at which each model is told, by its name.

    These are its own, none, and Speck's.
    """
    return {price.model: sorted({price.idle_mw, 0.0, SPECK_IDLE_MW}) for price in prices}


def idle_uj(idle_mw: float, time_ms: Amount) -> Amount:
    """Return the energy in µJ of idling: 1 mW for 1 ms is 1 µJ."""
    return idle_mw * time_ms


def operations_uj(price: Price, side: Side | pd.Series, operations: Amount) -> Amount:
    """Return the energy in µJ of operations alone.

    Args:
        side: of all operations, or of each row.

    Raises:
        ValueError: the price needs to know more than operations.
    """
    if not price.needs_operations_alone:
        raise ValueError(f"the price {price.model!r} needs to know what each layer did")
    if isinstance(side, pd.Series):
        # Rows without any side have no type of their own.
        pj = side.map(price.per_operation_pj).astype(float)
        return operations * pj * _UJ_IN_PJ
    return operations * price.per_operation_pj(side) * _UJ_IN_PJ


def energy_uj(price: Price, side: Side | pd.Series, operations: Amount, time_ms: Amount) -> Amount:
    """Return the energy in µJ of operations within a time, idle power included.

    It serves prices that need nothing but operations. Raises as `operations_uj`.
    """
    return operations_uj(price, side, operations) + idle_uj(price.idle_mw, time_ms)


def readings_uj(price: Price, points: pd.DataFrame) -> pd.Series:
    """Return the energy of a reading in µJ for each row of ``points.csv``, as `energy_uj` does."""
    operations = points["operations_per_reading"]
    return energy_uj(price, points["side"], operations, points["time_to_exit_ms"])


def power_while_reading_mw(price: Price, trainings: pd.DataFrame) -> float:
    """Return the power in mW until the network stops, a mean over rows of ``points.csv``.

    `trainings` are the rows of one point, one a training.
    """
    energies = readings_uj(price, trainings)
    return float(np.mean(power_mw(energies, trainings["time_to_exit_ms"])))


def power_mw(energy: Amount, time_ms: Amount) -> np.ndarray:
    """Return the mean power in mW of an energy in µJ over a time in ms; nan over no time.

    1 µJ in 1 ms is 1 mW.
    """
    return ratio(np.asarray(energy, np.float64), np.asarray(time_ms, np.float64))


def layers_uj(price: Price, layers: pd.DataFrame) -> pd.Series:
    """Return what each layer spends for its `counted` operations, in µJ, without idle power.

    Args:
        layers: rows of `stop_layers` beside those of ``network.csv``, whose MACs of a frame are
            called `macs_per_frame`. Column `counted`: which operations count.
    """
    is_spiking = layers["side"] == SPIKING
    return _spiking_pj(price, layers).where(is_spiking, _cnn_pj(price, layers)) * _UJ_IN_PJ


def frames_uj(price: Price, n_events: Amount) -> Amount:
    """Return what a CNN spends on putting events into frames, in µJ."""
    return price.event_pj * n_events * _UJ_IN_PJ


def counted_operations(layers: pd.DataFrame, all_macs: bool = False) -> pd.Series:
    """Return the operations that count of each layer: of a CNN all MACs, or those at non-zero.

    Args:
        all_macs: whether a price charges all MACs in any case.
    """
    every_mac = layers["n_frames"] * layers["macs_per_frame"]
    is_dense = (layers["counted"] == ALL_MACS) | ((layers["side"] == CNN) & all_macs)
    return every_mac.where(is_dense, layers["operations"])


def _spiking_pj(price: Price, layers: pd.DataFrame) -> pd.Series:
    """Return what layers of spiking networks spend, in pJ."""
    is_convolution = layers["kind"] == "conv"
    conv_spikes = layers["inputs"].where(is_convolution, 0)
    return (
        price.synop_pj * layers["operations"]
        + price.spike_in_pj * layers["inputs"]
        + price.spike_out_pj * layers["outputs"]
        + price.touched_pj * layers["touched"]
        + price.address_pj * conv_spikes * layers["fanout_nominal"]
        + price.conv_spike_pj * conv_spikes
    )


def _cnn_pj(price: Price, layers: pd.DataFrame) -> pd.Series:
    """Return what layers of CNNs spend on frames, in pJ, without what makes the frames."""
    kernels = layers["fanout_nominal"].where(layers["kind"] == "conv", 0)
    per_frame = (
        price.output_pj * layers["n_outputs"]
        + price.input_pj * layers["n_inputs"]
        + price.weight_pj * layers["weights"]
        + price.mac_address_pj * kernels
    )
    macs = counted_operations(layers, bool(price.all_macs))
    return price.mac_pj * macs + per_frame * layers["n_frames"]
