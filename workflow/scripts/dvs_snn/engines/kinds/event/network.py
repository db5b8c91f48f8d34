"""A network laid out for the event engine: how it runs, its scale, its stored form. No torch.

Maps lie in memory as (group, height, width, channel). So the weights
of a spike towards all channels of neighbouring neurons in a row are one run of memory.
"""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from math import prod
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from dvs_snn.engines.kinds.event.kernels import SIDE, Counts, Events, Tables, walk_steps
from dvs_snn.engines.response import Response
from dvs_snn.files.arrays import stored_arrays
from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.networks.geometry import Layer
from dvs_snn.networks.synops import counted_activities, fanout_map
from dvs_snn.recordings.steps import StepEvents

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
    """A network laid out for the kernel: its name, its weighted layers, and its tables."""

    name: str
    layers: tuple[Layer, ...]
    tables: Tables

    @property
    def weighted(self) -> np.ndarray:
        """The stages of the weighted layers, `STAGE` (weighted stage,)."""
        return self.tables.stages[self.tables.stages["is_weighted"] == 1]

    @cached_property
    def fanout(self) -> np.ndarray:
        """SynOps of a spike of each input cell, int64 (input cell,); 0 of cells behind a pool."""
        fanout = np.zeros(len(self.tables.reach_channel), dtype=np.int64)
        stages = self.tables.stages
        # The first stage of each layer: events or neurons send their spikes to it.
        is_first = np.insert(stages["is_weighted"][:-1] == 1, 0, True)
        groups = [1, *self.tables.shapes[:-1, 0]]
        begins = stages["reach_at"][is_first]
        for begin, layer, n_groups in zip(begins, self.layers, groups, strict=True):
            # All channels of a place have the same fan-out.
            of_places = fanout_map(layer).reshape(layer.input_shape[0], -1)[0]
            fanout[begin : begin + n_groups * len(of_places)] = np.tile(of_places, n_groups)
        return fanout

    def changed(self, **tables: np.ndarray | np.float32) -> "EventNetwork":
        """Return this network with other `tables`, by name."""
        return replace(self, tables=self.tables._replace(**tables))

    def scaled(self, *factors: float) -> "EventNetwork":
        """Return this network as `conversion.rescale_layers` would leave it, to the bit."""
        weights = self.tables.weights.copy()
        of_layers = np.split(weights, self.weighted["weight_at"][1:])
        for factor, of_layer in zip(factors, of_layers, strict=False):
            of_layer *= np.float32(factor)
        return self.changed(weights=weights)

    def bounded(self, lower_bound: float | None) -> "EventNetwork":
        """Return this network with one lower bound of all membrane potentials; None: none."""
        bound = np.nan if lower_bound is None else lower_bound
        return self.changed(lower_bound=np.full_like(self.tables.lower_bound, bound))

    def run(self, steps: StepEvents, by_neuron: bool = False) -> tuple[Response, np.ndarray]:
        """Run one recording from rest; ValueError on events beside the network or out of order.

        Returns its response, and spikes of each neuron, int64 (neuron,), empty unless `by_neuron`.
        """
        _check(steps)
        n_layers = len(self.layers)
        answer = steps.n_steps, prod(self.layers[-1].output_shape)
        n_neurons = len(self.tables.resting) if by_neuron else 0
        shapes = answer, steps.n_steps, n_layers, n_layers, n_neurons
        counts = Counts(*(np.zeros(shape, np.int64) for shape in shapes))
        kinds = (steps.step, np.uint32), (steps.row, np.uint8), (steps.column, np.uint8)
        # The one type that the kernels are compiled for: contiguous and writable.
        events = Events(*(np.require(values, dtype, "CAW") for values, dtype in kinds))
        walk_steps(self.tables, events, self.fanout, counts)
        spikes = [*counts.layer_spikes.tolist(), int(counts.answer.sum())]
        activities = counted_activities(self.layers, spikes, counts.layer_synops.tolist())
        return Response(counts.answer, activities, counts.step_synops), counts.neurons

    def respond(self, recordings: Sequence[StepEvents], threads: int = 1) -> Iterator[Response]:
        """Run recordings side by side in `threads` threads; yield responses in their order.

        Every recording begins anew, in one thread, so results don't depend on their number.
        """
        with ThreadPoolExecutor(threads) as pool:
            in_turn = map if threads == 1 else pool.map
            yield from (response for response, _ in in_turn(self.run, recordings))

    def layer_spikes(self, steps: StepEvents) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return a recording's output spikes, and each neuron's of each layer, summed over time.

        Shapes are (time, class) and, by weighted layer, (channel, height, width), all int64.
        """
        response, total = self.run(steps, by_neuron=True)
        sums = []
        for begin, shape in zip(self.weighted["map_at"], self.tables.shapes, strict=True):
            groups, height, width, channels = shape
            spikes = total[begin : begin + prod(shape)].reshape(shape)
            sums.append(spikes.transpose(0, 3, 1, 2).reshape(groups * channels, height, width))
        return response.spikes, sums


def _check(steps: StepEvents) -> None:
    """Refuse events outside the arrays, since compiled code doesn't check indices."""
    if not len(steps.step):
        return
    inside = (
        min(steps.row.min(), steps.column.min(), steps.step[0]) >= 0
        and max(steps.row.max(), steps.column.max()) < SIDE
        and steps.step[-1] < steps.n_steps
        and bool((steps.step[1:] >= steps.step[:-1]).all())
    )
    if not inside:
        raise ValueError(
            f"events must lie on {SIDE}x{SIDE} pixels and in ascending steps from "
            f"0 to {steps.n_steps - 1}"
        )


def save_event_network(network: EventNetwork, path: Path) -> None:
    """Store a network without pickle: an NPZ of its tables, with name and layers as JSON."""
    layers = [asdict(layer) for layer in network.layers]
    about = json.dumps({"network": network.name, "layers": layers}, sort_keys=True)
    with replacing(path) as temporary:
        np.savez(temporary, about=np.array(about), **network.tables._asdict())


def load_event_network(path: Path) -> EventNetwork:
    """Load what `save_event_network` stored; StudyError if damaged or of another kind."""
    try:
        stored = stored_arrays(path)
        about = json.loads(str(stored["about"]))
        arrays = {key: stored[key] for key in Tables._fields}
        layers = TypeAdapter(tuple[Layer, ...]).validate_python(about["layers"])
        if arrays["stages"].dtype != STAGE:
            raise ValueError("stages of another kind")
        for key in ("initial", "max_spikes"):
            arrays[key] = np.float32(arrays[key])
        return EventNetwork(about["network"], layers, Tables(**arrays))
    except (KeyError, RecursionError, TypeError, ValueError) as error:
        raise StudyError(
            f"{path}: can't be read as a network of the event engine ({type(error).__name__}), "
            "expected what the convert rule wrote; delete the file and run again."
        ) from error
