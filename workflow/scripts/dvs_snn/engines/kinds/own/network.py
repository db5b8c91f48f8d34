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

from dvs_snn.engines.engine import refuse_biases
from dvs_snn.engines.kinds.own.events import walk_events, walk_spikes
from dvs_snn.engines.kinds.own.steps import Counts, Events, Tables, walk_steps
from dvs_snn.engines.response import Response, response_by_events
from dvs_snn.networks.geometry import Layer
from dvs_snn.networks.synops import LayerActivity, counted_activities
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


def _compiled_for(values: np.ndarray, dtype: type) -> np.ndarray:
    """Return values as the kernels take them: contiguous and writable."""
    return np.require(values, dtype, ["C", "A", "W"])


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
        events = self._arriving(steps)
        if timing == "steps":
            walk_steps(self.tables, events, counts)
            activities = self._activities(counts, int(counts.answer.sum()))
            return Response(counts.answer, activities, counts.step_synops)

        refuse_biases(self.tables.resting.any())
        walk = walk_events if timing == "events" else walk_spikes
        answers = walk(self.tables, events, counts).reshape(-1, 4)
        activities = self._activities(counts, int(answers[:, 2].sum()))
        n_classes = counts.answer.shape[1]
        return response_by_events(answers, n_classes, activities, counts.step_synops, steps)

    def _activities(self, counts: Counts, n_answered: int) -> tuple[LayerActivity, ...]:
        return counted_activities(
            self.layers,
            [*counts.layer_spikes.tolist(), n_answered],
            counts.layer_synops.tolist(),
            counts.layer_nonzero.tolist(),
        )

    def _counts(self, steps: StepEvents, n_neurons: int = 0) -> Counts:
        n_layers = len(self.layers)
        return Counts(
            answer=np.zeros((steps.n_steps, prod(self.layers[-1].output_shape)), np.int64),
            step_synops=np.zeros(steps.n_steps, np.int64),
            layer_spikes=np.zeros(n_layers, np.int64),
            layer_synops=np.zeros(n_layers, np.int64),
            layer_nonzero=np.zeros(n_layers, np.int64),
            neurons=np.zeros(n_neurons, np.int64),
        )

    def _arriving(self, steps: StepEvents) -> Events:
        """Check a recording's events, since compiled code checks no index, and lay them out."""
        shape = self.layers[0].input_shape
        is_inside = steps.shape == shape and all(
            not len(values) or (values.min() >= 0 and values.max() < size)
            for values, size in (
                (steps.step, steps.n_steps),
                (steps.channels, shape[0]),
                (steps.row, shape[1]),
                (steps.column, shape[2]),
            )
        )
        if not is_inside or (steps.step[1:] < steps.step[:-1]).any():
            raise ValueError(
                f"events must lie on {shape} (channels, height, width) and in ascending steps "
                f"from 0 to {steps.n_steps - 1}, not on {steps.shape}"
            )
        cell = steps.row.astype(np.int32) * shape[2] + steps.column
        return Events(
            _compiled_for(steps.step, np.uint32),
            _compiled_for(cell, np.int32),
            _compiled_for(steps.channels, np.int32),
        )

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
        counts = self._counts(steps, len(self.tables.resting))
        walk_steps(self.tables, self._arriving(steps), counts)
        stages = self.tables.stages
        begins = stages["map_at"][stages["is_weighted"] == 1]
        sums = []
        for begin, shape in zip(begins, self.tables.shapes, strict=True):
            groups, height, width, channels = shape
            spikes = counts.neurons[begin : begin + prod(shape)].reshape(shape)
            sums.append(spikes.transpose(0, 3, 1, 2).reshape(groups * channels, height, width))
        return counts.answer, sums
