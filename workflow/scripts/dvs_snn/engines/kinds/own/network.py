"""A network laid out for our own engine: how it runs, its scale. No torch.

Maps lie in memory as (group, height, width, channel). So the weights
of a spike towards all channels of neighbouring neurons in a row are one run of memory.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import prod

import numpy as np

from dvs_snn.engines.kinds.own.events import walk_events
from dvs_snn.engines.kinds.own.spikes import walk_spikes
from dvs_snn.engines.kinds.own.steps import CHUNK, Counts, Events, Tables, walk_steps
from dvs_snn.engines.response import Response, response_by_events
from dvs_snn.engines.spiking import refuse_biases
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
    """A network laid out for the kernels: its weighted layers and its tables."""

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
        """Return this network as `SpikingNetwork.scaled` would leave it, to the bit."""
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
        n_layers = len(self.layers)
        answer = steps.n_steps, prod(self.layers[-1].output_shape)
        n_neurons = len(self.tables.resting) if by_neuron else 0
        shapes = answer, steps.n_steps, n_layers, n_layers, n_neurons
        counts = Counts(*(np.zeros(shape, np.int64) for shape in shapes))
        walk_steps(self.tables, self._arriving(steps), self.fanout, counts)
        spikes = [*counts.layer_spikes.tolist(), int(counts.answer.sum())]
        activities = counted_activities(self.layers, spikes, counts.layer_synops.tolist())
        return Response(counts.answer, activities, counts.step_synops), counts.neurons

    def run_events(self, steps: StepEvents, walk: Callable = walk_events) -> Response:
        """Run one recording event by event, in the order of its arrays; StudyError on biases.

        With the `walk` `walk_spikes` each spike is a wave of its own.
        """
        refuse_biases(self.tables.resting.any())
        n_layers, n_classes = len(self.layers), prod(self.layers[-1].output_shape)
        shapes = n_layers, n_layers, steps.n_steps
        spikes, of_layers, synops = counts = [np.zeros(shape, np.int64) for shape in shapes]
        step, *places = self._arriving(steps)
        answers, n = walk(self.tables, *places, step, self.fanout, self.capacity, *counts)
        all_spikes = [*spikes.tolist(), int(answers[:n, 2].sum())]
        activities = counted_activities(self.layers, all_spikes, of_layers.tolist())
        return response_by_events(answers[:n], n_classes, activities, synops, steps)

    @cached_property
    def capacity(self) -> int:
        """Most spikes that arrive at a stage at once, by events: a pool may pass one on as many."""
        largest = size = 1
        ends = [*self.tables.stages["reach_at"][1:], len(self.tables.reach_channel)]
        reaches = np.diff(self.tables.reach_first)
        for stage, end in zip(self.tables.stages, ends, strict=True):
            most = int(reaches[stage["reach_at"] : end].max(initial=0))
            size = int(stage["chunks"]) * CHUNK if stage["is_weighted"] else size * most
            largest = max(largest, size)
        return largest

    def _arriving(self, steps: StepEvents) -> Events:
        """Check a recording's events, since compiled code checks no index, and lay them out."""
        shape = self.layers[0].input_shape
        fields = steps.step, steps.channels, steps.row, steps.column
        is_inside = steps.shape == shape and all(
            not len(values) or (values.min() >= 0 and values.max() < size)
            for values, size in zip(fields, (steps.n_steps, *shape), strict=True)
        )
        if not is_inside or (steps.step[1:] < steps.step[:-1]).any():
            raise ValueError(
                f"events must lie on {shape} (channels, height, width) and in ascending steps "
                f"from 0 to {steps.n_steps - 1}, not on {steps.shape}"
            )
        cell = steps.row.astype(np.int32) * shape[2] + steps.column
        kinds = (steps.step, np.uint32), (cell, np.int32), (steps.channels, np.int32)
        # The one type that the kernels are compiled for: contiguous and writable.
        return Events(*(np.require(values, dtype, "CAW") for values, dtype in kinds))

    def respond(
        self, recordings: Sequence[StepEvents], threads: int = 1, timing: str = "steps"
    ) -> Iterator[Response]:
        """Run recordings side by side in `threads` threads; yield responses in their order.

        Every recording begins anew, in one thread, so results don't depend on their number.
        """
        with ThreadPoolExecutor(threads) as pool:
            in_turn = map if threads == 1 else pool.map
            if timing == "steps":
                yield from (response for response, _ in in_turn(self.run, recordings))
            else:
                walk = {"events": walk_events, "spikes": walk_spikes}[timing]
                yield from in_turn(partial(self.run_events, walk=walk), recordings)

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
