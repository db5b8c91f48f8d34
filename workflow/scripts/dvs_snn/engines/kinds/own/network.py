"""A network laid out for our own engine, and how it runs. No torch.

Maps lie in memory as (group, height, width, channel). So the weights of a spike towards all
channels of neighbouring neurons in a row are one run of memory.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import prod

import numpy as np

from dvs_snn.engines.kinds.own.events import walk_events, walk_spikes
from dvs_snn.engines.kinds.own.steps import Counts, Events, Tables, walk_steps
from dvs_snn.engines.response import Response, response_by_events
from dvs_snn.engines.spiking import refuse_biases
from dvs_snn.networks.geometry import Layer
from dvs_snn.networks.synops import counted_activities
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
            "arriving",  # channels of one group of the map that goes in
            "fanout_at",  # of a layer's first stage: where its input begins in `fanout`
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

    def run(self, steps: StepEvents, timing: str = "steps") -> Response:
        """Run one recording from rest, events in the order of its arrays.

        ValueError on events beside the network or out of order, StudyError on biases by events. The
        `timing` may be `spikes`: each spike is a wave of its own.
        """
        counts = self._counts(steps)
        arriving, n_classes = (self.tables, self._arriving(steps), counts), counts.answer.shape[1]
        if timing == "steps":
            walk_steps(*arriving)
            n_answered = counts.answer.sum()
        else:
            refuse_biases(self.tables.resting.any())
            walk = {"events": walk_events, "spikes": walk_spikes}[timing]
            answers = walk(*arriving).reshape(-1, 4)
            n_answered = answers[:, 2].sum()
        spikes = [*counts.layer_spikes.tolist(), int(n_answered)]
        activities = counted_activities(
            self.layers, spikes, counts.layer_synops.tolist(), counts.layer_nonzero.tolist()
        )
        if timing == "steps":
            return Response(counts.answer, activities, counts.step_synops)
        return response_by_events(answers, n_classes, activities, counts.step_synops, steps)

    def _counts(self, steps: StepEvents, n_neurons: int = 0) -> Counts:
        n_layers, n_classes = len(self.layers), prod(self.layers[-1].output_shape)
        shapes = (steps.n_steps, n_classes), steps.n_steps, n_layers, n_layers, n_layers, n_neurons
        return Counts(*(np.zeros(shape, np.int64) for shape in shapes))

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
            yield from in_turn(partial(self.run, timing=timing), recordings)

    def layer_spikes(self, steps: StepEvents) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return a recording's output spikes, and each neuron's of each layer, summed over time.

        Shapes are (time, class) and, by weighted layer, (channel, height, width), all int64.
        """
        counts, stages = self._counts(steps, len(self.tables.resting)), self.tables.stages
        walk_steps(self.tables, self._arriving(steps), counts)
        sums = []
        begins = stages["map_at"][stages["is_weighted"] == 1]
        for begin, shape in zip(begins, self.tables.shapes, strict=True):
            groups, height, width, channels = shape
            spikes = counts.neurons[begin : begin + prod(shape)].reshape(shape)
            sums.append(spikes.transpose(0, 3, 1, 2).reshape(groups * channels, height, width))
        return counts.answer, sums
