"""Our own engine, which visits only the neurons that spikes reach, a recording in one thread.

The workflow reads `ENGINE` at each start, so the kernels (numba) are imported inside functions.

Maps lie in memory as (group, height, width, channel). So the weights of a spike towards all
channels of neighbouring neurons in a row are one run of memory.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from dvs_snn.engines.engine import Engine, Spiking, refuse_biases
from dvs_snn.engines.response import Response, response_by_events
from dvs_snn.networks.geometry import Layer
from dvs_snn.networks.spiking_network import SpikingNetwork
from dvs_snn.networks.synops import counted_activities
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.settings.inference import InferenceSettings

if TYPE_CHECKING:
    from dvs_snn.engines.kinds.own.walk import Tables, Waves

ENGINE = Engine(memory_mb=500, minutes_per_mb=0.01, counts_layers=True)


def opened(network: SpikingNetwork, settings: InferenceSettings) -> Spiking:
    """Return the network, laid out in arrays for this engine."""
    from dvs_snn.engines.kinds.own.layout import lay_out

    respond = partial(
        lay_out(network).respond, threads=settings.compute_threads, timing=settings.timing
    )
    return Spiking(network.layers, respond)


def aligned(values: np.ndarray) -> np.ndarray:
    """Return a copy that begins at a multiple of 64 bytes, so that no block lies on two lines."""
    buffer = np.empty(len(values) + 16, np.float32)
    begin = -buffer.ctypes.data % 64 // 4
    copy = buffer[begin : begin + len(values)]
    copy[:] = values
    return copy


@dataclass(frozen=True, eq=False)
class EventNetwork:
    """A network laid out for the kernels: its weighted layers and its tables."""

    layers: tuple[Layer, ...]
    tables: "Tables"

    def run(self, steps: StepEvents, timing: str = "steps") -> Response:
        """Run one recording from rest, events in the order of its arrays.

        ValueError on events beside the network or out of order, StudyError on biases by events.
        """
        from dvs_snn.engines.kinds.own.walk import walk

        if timing == "events":
            refuse_biases(self.tables.stages["always"].any())
        self._check(steps)
        at_rest = aligned(self.tables.potential)
        waves, answer, counts = walk(self.tables, at_rest, self._waves(steps, timing))
        answer = answer[:, : prod(self.layers[-1].output_shape)]

        # Of each moment and layer, so far: spikes, SynOps, those at weights that aren't 0, neurons.
        counts = counts.reshape(len(counts), 4, len(self.layers))
        total = counts[-1] if len(counts) else np.zeros(counts.shape[1:], np.int64)
        spikes, synops, nonzero, _ = total.tolist()
        arrived = [*spikes, int(answer.sum())]
        activities = counted_activities(self.layers, arrived, synops, nonzero)
        so_far = counts[:, 1].sum(axis=1)
        sums = counts[:, [0, 1, 3]].transpose(0, 2, 1)
        if timing == "events":
            return response_by_events(waves, answer, so_far, activities, steps, sums)
        return Response(answer, activities, np.diff(so_far, prepend=0), layer_sums=sums)

    def _waves(self, steps: StepEvents, timing: str) -> "Waves":
        """Lay out a recording's events as waves: one for each event, or for each time step."""
        from dvs_snn.engines.kinds.own.walk import Waves

        channels, _, width = self.layers[0].input_shape
        place = steps.row.astype(np.int64) * width + steps.column
        if timing == "events":
            n_events = len(place)
            return Waves(
                first=np.arange(n_events + 1),
                cell=place.astype(np.int32),
                channel=steps.channels.astype(np.int32),
                value=np.ones(n_events, np.float32),
                is_moment=np.append(steps.step[1:] != steps.step[:-1], True)[:n_events],
                are_steps=False,
            )

        # Events of a step at one pixel and channel are one entry.
        n_places = prod(self.layers[0].input_shape)
        key = steps.step.astype(np.int64) * n_places + place * channels + steps.channels
        key, value = np.unique(key, return_counts=True)
        step, of_step = np.divmod(key, n_places)
        return Waves(
            first=np.searchsorted(step, np.arange(steps.n_steps + 1)),
            cell=(of_step // channels).astype(np.int32),
            channel=(of_step % channels).astype(np.int32),
            value=value.astype(np.float32),
            is_moment=np.ones(steps.n_steps, np.bool_),
            are_steps=True,
        )

    def _check(self, steps: StepEvents) -> None:
        """Check a recording's events, since compiled code checks no index."""
        shape = self.layers[0].input_shape
        columns = (steps.step, steps.channels, steps.row, steps.column)
        is_inside = steps.shape == shape and all(
            not len(values) or (values.min() >= 0 and values.max() < size)
            for values, size in zip(columns, (steps.n_steps, *shape), strict=True)
        )
        if not is_inside or (steps.step[1:] < steps.step[:-1]).any():
            raise ValueError(
                f"events must lie on {shape} (channels, height, width) and in ascending steps "
                f"from 0 to {steps.n_steps - 1}, not on {steps.shape}"
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
