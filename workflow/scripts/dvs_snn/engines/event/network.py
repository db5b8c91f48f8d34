"""A network laid out for the event engine: its tables, its scale, its stored form.

This module imports no torch. Maps lie in memory as (group, height, width, channel). So the weights
of a spike towards all channels of neighbouring neurons in a row are one run of memory.
"""

import json
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from dvs_snn.files.arrays import stored_arrays
from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.networks.geometry import Layer
from dvs_snn.networks.synops import fanout_map

STAGE = np.dtype(
    [
        (name, np.int64)
        for name in (
            "is_weighted",
            "always",  # it has biases: its neurons are visited in every step
            "channels",  # of one group of the map that comes out
            "map_at",  # where its neurons (or pooled values) begin among those of all stages
            "chunks",  # of its map
            "reach_at",  # where its input cells begin in the tables
            "channel_at",  # first channel of the input, in the tables
            "weight_at",
            "divisor_at",
        )
    ],
)


@dataclass(frozen=True, eq=False)
class EventNetwork:
    """A network laid out for the kernel: stages (pools and weighted layers) and their tables.

    A cell is one place of a map with all channels of one group. The spikes of input cell i reach
    the neurons of a list of runs: entries `reach_first[i]` to `reach_first[i + 1]` of the tables.

    Attributes:
        name: of the network.
        layers: what its weighted layers are, for the count of SynOps.
        stages: `STAGE` (stage,).
        reach_target: int32 (run,), where a run begins in the map of a group; of a pool, a cell of
            the map that comes out.
        reach_size, reach_kernel: int32 (run,), its neurons and where their weights begin in the
            kernel of an input channel; of a pool 1 and 0.
        reach_channel: int32 (input cell,), first channel of its group.
        channel_target, channel_kernel: int32 (input channel,), where the group of neurons that it
            reaches begins among the neurons of all stages, and where its kernel begins among the
            stage's weights.
        weights: float32, per stage (in channel, kernel row, kernel column reversed, out channel).
        resting: float32, current of every neuron without spikes: its bias.
        divisors: float32, per pool (group, height, width).
        shapes: int64 (weighted stage, 4), each one's map (group, height, width, channel).
        initial: membrane potential at the start of a recording, a share of the threshold.
        threshold, lower_bound: float32 (weighted stage,), of the membrane potential; a
            `lower_bound` of nan is none.
        max_spikes: most spikes of a neuron in one step; infinite for any number.
    """

    name: str
    layers: tuple[Layer, ...]
    stages: np.ndarray
    reach_first: np.ndarray
    reach_target: np.ndarray
    reach_size: np.ndarray
    reach_kernel: np.ndarray
    reach_channel: np.ndarray
    channel_target: np.ndarray
    channel_kernel: np.ndarray
    weights: np.ndarray
    resting: np.ndarray
    divisors: np.ndarray
    shapes: np.ndarray
    initial: np.float32
    threshold: np.ndarray
    lower_bound: np.ndarray
    max_spikes: np.float32

    @cached_property
    def fanout(self) -> np.ndarray:
        """SynOps of a spike of each input cell, int64 (input cell,); 0 of cells behind a pool."""
        found = np.zeros(len(self.reach_channel), dtype=np.int64)
        # The first stage of each layer: events or neurons send their spikes to it.
        is_first = np.insert(self.stages["is_weighted"][:-1] == 1, 0, True)
        begins = self.stages["reach_at"][is_first]
        groups = [1, *self.shapes[:-1, 0]]
        for begin, layer, n_groups in zip(begins, self.layers, groups, strict=True):
            # All channels of a place have the same fan-out.
            of_places = fanout_map(layer).reshape(layer.input_shape[0], -1)[0]
            found[begin : begin + n_groups * len(of_places)] = np.tile(of_places, n_groups)
        return found

    def scaled(self, *factors: float) -> "EventNetwork":
        """Return this network with the weights of its first layers, not biases, times `factors`.

        With one factor the result equals, to the bit, the layout of a network after
        `conversion.rescale_first_layer`, with one for each layer after `rescale_layers`.
        """
        begins = self.stages["weight_at"][self.stages["is_weighted"] == 1]
        weights = self.weights.copy()
        for factor, of_layer in zip(factors, np.split(weights, begins[1:]), strict=False):
            of_layer *= np.float32(factor)
        return replace(self, weights=weights)

    def bounded(self, lower_bound: float | None) -> "EventNetwork":
        """Return this network with one lower bound of all membrane potentials; None: none."""
        bound = np.nan if lower_bound is None else lower_bound
        return replace(self, lower_bound=np.full_like(self.lower_bound, bound))


_ARRAYS = [field.name for field in fields(EventNetwork) if field.name not in ("name", "layers")]


def save_event_network(network: EventNetwork, path: Path) -> None:
    """Store a network without pickle: an NPZ of its arrays, with name and layers as JSON."""
    layers = [asdict(layer) for layer in network.layers]
    about = json.dumps({"network": network.name, "layers": layers}, sort_keys=True)
    with replacing(path) as temporary:
        np.savez(
            temporary, about=np.array(about), **{key: getattr(network, key) for key in _ARRAYS}
        )


def load_event_network(path: Path) -> EventNetwork:
    """Load what `save_event_network` stored; StudyError if damaged or of another kind."""
    try:
        stored = stored_arrays(path)
        about = json.loads(str(stored["about"]))
        arrays = {key: stored[key] for key in _ARRAYS}
        layers = TypeAdapter(tuple[Layer, ...]).validate_python(about["layers"])
        if arrays["stages"].dtype != STAGE:
            raise ValueError("stages of another kind")
        for key in ("initial", "max_spikes"):
            arrays[key] = np.float32(arrays[key])
        return EventNetwork(name=about["network"], layers=layers, **arrays)
    except (KeyError, RecursionError, TypeError, ValueError) as error:
        raise StudyError(
            f"{path}: can't be read as a network of the event engine ({type(error).__name__}), "
            "expected what the convert rule wrote; delete the file and run again."
        ) from error
