"""The event engine: prepares and opens networks, and runs each recording in one thread.

It imports torch only to lay out a network of torch; jobs that run a laid-out network need none.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dvs_snn.engines.event.kernels import CHUNK, walk_steps
from dvs_snn.engines.event.network import (
    EventNetwork,
    load_event_network,
    save_event_network,
)
from dvs_snn.engines.interface import Spiking
from dvs_snn.engines.response import Response
from dvs_snn.networks.geometry import INPUT_SHAPE
from dvs_snn.networks.synops import counted_activities
from dvs_snn.recordings.placement import NETWORK_SIZE
from dvs_snn.recordings.steps import StepEvents

if TYPE_CHECKING:
    from dvs_snn.networks.conversion import Converted


def _plain(values: np.ndarray, dtype: type) -> np.ndarray:
    """Return an array of the one type that the kernels are compiled for: contiguous, writable."""
    return np.require(values, dtype, "CAW")


def _check(steps: StepEvents) -> None:
    """Refuse events outside the arrays, since compiled code doesn't check indices."""
    if not len(steps.step):
        return
    inside = (
        min(steps.row.min(), steps.column.min(), steps.step[0]) >= 0
        and max(steps.row.max(), steps.column.max()) < NETWORK_SIZE
        and steps.step[-1] < steps.n_steps
        and bool((steps.step[1:] >= steps.step[:-1]).all())
    )
    if not inside:
        raise ValueError(
            f"events must lie on {NETWORK_SIZE}x{NETWORK_SIZE} pixels and in ascending steps from "
            f"0 to {steps.n_steps - 1}"
        )


def _run(network: EventNetwork, steps: StepEvents, total: np.ndarray) -> Response:
    """Run one recording from rest into `total`, int64 (neuron,) or empty; ValueError if unfit."""
    _check(steps)
    layers, stages = network.layers, network.stages
    answer = np.zeros((steps.n_steps, prod(layers[-1].output_shape)), dtype=np.int64)
    layer_spikes, layer_synops = np.zeros((2, len(layers)), dtype=np.int64)
    step_synops = np.zeros(steps.n_steps, dtype=np.int64)
    largest_map = max(prod(INPUT_SHAPE), int(stages["chunks"].max()) * CHUNK)
    walk_steps(
        _plain(steps.step, np.uint32), _plain(steps.row, np.uint8), _plain(steps.column, np.uint8),
        stages,
        network.reach_first, network.reach_target, network.reach_size, network.reach_kernel,
        network.reach_channel, network.channel_target, network.channel_kernel, network.weights,
        network.resting, network.divisors, network.threshold, network.lower_bound,
        network.max_spikes, network.initial, largest_map, network.fanout,
        np.zeros(INPUT_SHAPE[1:], dtype=np.int64), total, layer_spikes,
        layer_synops, step_synops, answer,
    )  # fmt: skip
    spikes = [*layer_spikes.tolist(), int(answer.sum())]
    return Response(answer, counted_activities(layers, spikes, layer_synops.tolist()), step_synops)


def walk(network: EventNetwork, steps: StepEvents) -> tuple[np.ndarray, list[np.ndarray]]:
    """Run one recording, and count the spikes of each neuron.

    Returns:
        Output spikes, int64 (time, class); per weighted layer the spikes of each of its neurons,
        summed over time: int64 (channel, height, width).

    Raises:
        ValueError: an event lies beside the network, or steps aren't in order.
    """
    total = np.zeros(len(network.resting), dtype=np.int64)
    response = _run(network, steps, total)
    sums = []
    stages = network.stages
    begins = stages["map_at"][stages["is_weighted"] == 1]
    for begin, shape in zip(begins, network.shapes, strict=True):
        groups, height, width, channels = shape
        spikes = total[begin : begin + prod(shape)].reshape(shape)
        sums.append(spikes.transpose(0, 3, 1, 2).reshape(groups * channels, height, width))
    return response.spikes, sums


def respond(
    network: EventNetwork, recordings: Sequence[StepEvents], threads: int = 1
) -> Iterator[Response]:
    """Run recordings side by side in `threads` threads; yield responses in their order.

    Every recording begins anew: no state leaks from one to another. One thread runs a whole
    recording, so results don't depend on the number of threads.
    """
    with ThreadPoolExecutor(threads) as pool:
        in_turn = map if threads == 1 else pool.map
        one = partial(_run, network, total=np.zeros(0, np.int64))
        yield from in_turn(one, recordings)


def open_network(path: Path, scale: float, batch_size: int, threads: int, device: str) -> Spiking:
    """Load a laid-out network; arguments as of `interface.open_spiking`."""
    network = load_event_network(path).scaled(scale)
    return Spiking(network.layers, lambda recordings: respond(network, recordings, threads))


def run(
    converted: "Converted",
    scale: float,
    recordings: Sequence[StepEvents],
    batch_size: int,
    threads: int = 1,
    device: str = "cpu",
) -> Iterator[Response]:
    """Run recordings in memory, responses in their order; arguments as of `open_spiking`."""
    from dvs_snn.engines.event.layout import lay_out

    return respond(lay_out(converted).scaled(scale), recordings, threads)


def prepare(converted: Path, path: Path) -> None:
    """Lay out a stored spiking network and store that at `path`."""
    from dvs_snn.engines.event.layout import lay_out
    from dvs_snn.networks.conversion import load_converted

    save_event_network(lay_out(load_converted(converted)), path)
