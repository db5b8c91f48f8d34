"""The spiking network by walking spikes: what doesn't spike costs nothing.

A time step is carried through the network as a list of spikes. A spike that passes a weighted layer
adds its weights to the currents of the neurons that it reaches; a neuron that no spike reaches
stays as it is (but for those that `_integrate` calls restless), and isn't visited.

Neurons are those of sinabs 3.1.3 (``sinabs.layers.functional.lif_forward_single`` with
``MultiSpike`` and ``MembraneSubtract``), in its order and in float32. Once per step each: add the
current to the potential v, fire n = trunc(v / threshold) spikes where v > 0, subtract n x
threshold, clip at the lower bound.

Both engines agree to the spike where sums of weights are exact in float32, as those of whole
weights (times a power of two) are, with pools over 2^n pixels. Weights that aren't: this engine
adds up the same products in another order than the convolutions of torch, so that a sum may differ
in its last bits, and a neuron that lies just at its threshold may fire one step sooner or later.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import prod

import numba
import numpy as np

from dvs_snn.event_network import CHUNK, CHUNK_BITS, EventNetwork
from dvs_snn.framing import NETWORK_SIZE, StepEvents
from dvs_snn.kernel_cache import use_kernel_cache
from dvs_snn.layers import INPUT_SHAPE, N_CLASSES
from dvs_snn.response import Response
from dvs_snn.synops import layer_activities

use_kernel_cache()


@numba.njit(nogil=True, cache=True)
def _pool(
    stage, source, n, place, value, row_first, row_target, column_first, column_target, column_run,
    divisors, pooled, touched, cells,
):  # fmt: skip
    """Pass list `source` of `n` spikes through an average pool into the other list.

    The other list holds the channels of a place one after the other. `pooled` and `touched` are
    working space, zero before and after. Returns the other list's length.
    """
    width, channels = stage.width, stage.channels
    n_cells = 0
    for i in range(n):
        here = stage.row_at + place[source, 0, i]
        there = stage.column_at + place[source, 1, i]
        amount = value[source, i]
        for j in range(row_first[here], row_first[here + 1]):
            for k in range(column_first[there], column_first[there + 1]):
                first = row_target[j] * width + column_target[k]
                for cell in range(first, first + column_run[k]):
                    if not touched[cell]:
                        touched[cell] = True
                        cells[n_cells] = cell
                        n_cells += 1
                    pooled[stage.map_at + cell * channels + place[source, 2, i]] += amount
    sink = 1 - source
    n_out = 0
    for i in range(n_cells):
        cell = cells[i]
        touched[cell] = False
        row = cell // width
        column = cell - row * width
        divisor = divisors[stage.divisor_at + cell]
        begin = stage.map_at + cell * channels
        for channel in range(channels):
            total = pooled[begin + channel]
            if total != 0:
                pooled[begin + channel] = 0
                place[sink, 0, n_out] = row
                place[sink, 1, n_out] = column
                place[sink, 2, n_out] = channel
                value[sink, n_out] = total / divisor
                n_out += 1
    return n_out


@numba.njit(nogil=True, cache=True)
def _receive(
    stage, source, n, place, value, row_first, row_target, row_kernel, column_first, column_target,
    column_run, column_kernel, channel_target, channel_kernel, weights, current, touched,
):  # fmt: skip
    """Add the weights of list `source` of `n` spikes to currents; mark the chunks they touch."""
    channels = stage.channels
    row_size = stage.width * channels
    begin = 0
    while begin < n:
        # The spikes of one place reach the same neurons (of one group): those are fetched once.
        row, column = place[source, 0, begin], place[source, 1, begin]
        first_channel = stage.channel_at
        if row >= stage.group_rows:
            first_channel += row // stage.group_rows * stage.group_channels
        group_row = channel_target[first_channel + place[source, 2, begin]]
        end = begin + 1
        while (
            end < n
            and place[source, 1, end] == column
            and place[source, 0, end] == row
            and channel_target[first_channel + place[source, 2, end]] == group_row
        ):
            end += 1
        here, there = stage.row_at + row, stage.column_at + column
        for j in range(row_first[here], row_first[here + 1]):
            row_begin = stage.map_at + (group_row + row_target[j]) * row_size
            for k in range(column_first[there], column_first[there + 1]):
                size = column_run[k] * channels
                at = row_begin + column_target[k] * channels
                for chunk in range(at >> CHUNK_BITS, ((at + size - 1) >> CHUNK_BITS) + 1):
                    touched[chunk] = True
                reached = current[at : at + size]
                offset = stage.weight_at + row_kernel[j] + column_kernel[k]
                i = begin
                while i + 3 < end:
                    # Four spikes for one pass over the currents, which is what takes the time.
                    at0 = offset + channel_kernel[first_channel + place[source, 2, i]]
                    at1 = offset + channel_kernel[first_channel + place[source, 2, i + 1]]
                    at2 = offset + channel_kernel[first_channel + place[source, 2, i + 2]]
                    at3 = offset + channel_kernel[first_channel + place[source, 2, i + 3]]
                    n0, n1 = value[source, i], value[source, i + 1]
                    n2, n3 = value[source, i + 2], value[source, i + 3]
                    w0, w1 = weights[at0 : at0 + size], weights[at1 : at1 + size]
                    w2, w3 = weights[at2 : at2 + size], weights[at3 : at3 + size]
                    for x in range(size):
                        reached[x] += n0 * w0[x] + n1 * w1[x] + (n2 * w2[x] + n3 * w3[x])
                    i += 4
                while i < end:
                    at0 = offset + channel_kernel[first_channel + place[source, 2, i]]
                    n0, w0 = value[source, i], weights[at0 : at0 + size]
                    for x in range(size):
                        reached[x] += n0 * w0[x]
                    i += 1
        begin = end


@numba.njit(nogil=True, cache=True)
def _integrate(potential, current, at, spikes, threshold, lower_bound, is_bounded):
    """Update a chunk of neurons by one step and clear their currents; write their spikes.

    Returns:
        How many fired, and how many are at the threshold again: rounding has lifted them there.
        These fire in the next step even if no spike reaches them, and must be visited.
    """
    zero = np.float32(0)
    n_fired = n_restless = np.int32(0)
    # Their length is a constant of the loops, so that they are compiled without loose ends.
    v_mem, i_syn = potential[at : at + CHUNK], current[at : at + CHUNK]
    if is_bounded:
        for i in range(CHUNK):
            v = v_mem[i] + i_syn[i]
            fires = v >= threshold
            fired = np.floor(v / threshold) if fires else zero
            v -= fired * threshold
            # As sinabs writes it: the difference rounds, and the potential with it. Doing it once
            # more changes nothing, so that neurons that aren't visited are as they should be.
            bounded = max(v - lower_bound, zero) + lower_bound
            v_mem[i] = bounded
            i_syn[i] = zero
            spikes[i] = fired
            n_fired += fires
            n_restless += bounded >= threshold
    else:
        for i in range(CHUNK):
            v = v_mem[i] + i_syn[i]
            fires = v >= threshold
            fired = np.floor(v / threshold) if fires else zero
            v -= fired * threshold
            v_mem[i] = v
            i_syn[i] = zero
            spikes[i] = fired
            n_fired += fires
            n_restless += v >= threshold
    return n_fired, n_restless


@numba.njit(nogil=True, cache=True)
def _fire(
    stage, sink, place, value, threshold, lower_bound, is_bounded, resting, current, potential,
    spikes, spikes_in_pairs, total, touched,
):  # fmt: skip
    """Update the neurons of touched chunks; write spikes into list `sink`; return its length."""
    channels, width = stage.channels, stage.width
    n_out = 0
    first = stage.map_at >> CHUNK_BITS
    for chunk in range(first, first + stage.chunks):
        if not touched[chunk]:
            continue
        at = chunk << CHUNK_BITS
        n_fired, n_restless = _integrate(
            potential, current, at, spikes, threshold, lower_bound, is_bounded
        )
        touched[chunk] = n_restless > 0
        if stage.always:
            touched[chunk] = True
            for i in range(at, at + CHUNK):
                current[i] = resting[i]
        if not n_fired:
            continue
        for pair in range(CHUNK // 2):
            if spikes_in_pairs[pair] == 0:
                continue
            for i in range(2 * pair, 2 * pair + 2):
                if spikes[i] > 0:
                    cell, channel = divmod(at + i - stage.map_at, channels)
                    place[sink, 0, n_out] = cell // width
                    place[sink, 1, n_out] = cell % width
                    place[sink, 2, n_out] = channel
                    value[sink, n_out] = spikes[i]
                    total[at + i] += np.int64(spikes[i])
                    n_out += 1
    return n_out


@numba.njit(nogil=True, cache=True)
def _walk(
    step, row, column, stages, row_first, row_target, row_kernel, column_first, column_target,
    column_run, column_kernel, channel_target, channel_kernel, weights, resting, divisors,
    threshold, lower_bound, is_bounded, largest_map, counts, total, answer,
):  # fmt: skip
    """Walk all steps; add spikes to `total` (neuron) and `answer` (time, 10).

    `counts` (height, width) is working space, zero before and after.
    """
    current = resting.copy()
    potential = np.zeros(len(resting), np.float32)
    spikes = np.empty(CHUNK, np.float32)
    spikes_in_pairs = spikes.view(np.int64)
    place = np.empty((2, 3, largest_map), np.int32)
    value = np.empty((2, largest_map), np.float32)
    touched = np.zeros(len(resting) >> CHUNK_BITS, np.bool_)
    touched_cells, cells = np.zeros(largest_map, np.bool_), np.empty(largest_map, np.int32)
    for s in range(len(stages)):
        stage = stages[s]
        if stage.always:
            first = stage.map_at >> CHUNK_BITS
            touched[first : first + stage.chunks] = True
    event = 0
    for now in range(len(answer)):
        n = 0
        start = event
        while event < len(step) and step[event] == now:
            if counts[row[event], column[event]] == 0:
                place[0, 0, n], place[0, 1, n], place[0, 2, n] = row[event], column[event], 0
                n += 1
            counts[row[event], column[event]] += 1
            event += 1
        for i in range(n):
            value[0, i] = counts[place[0, 0, i], place[0, 1, i]]
        for i in range(start, event):
            counts[row[i], column[i]] = 0
        source = 0
        for s in range(len(stages)):
            stage = stages[s]
            if stage.is_weighted:
                _receive(
                    stage, source, n, place, value, row_first, row_target, row_kernel,
                    column_first, column_target, column_run, column_kernel, channel_target,
                    channel_kernel, weights, current, touched,
                )  # fmt: skip
                n = _fire(
                    stage, 1 - source, place, value, threshold, lower_bound, is_bounded, resting,
                    current, potential, spikes, spikes_in_pairs, total, touched,
                )  # fmt: skip
            else:
                n = _pool(
                    stage, source, n, place, value, row_first, row_target, column_first,
                    column_target, column_run, divisors, current, touched_cells, cells,
                )  # fmt: skip
            source = 1 - source
        for i in range(n):
            answer[now, place[source, 2, i]] += np.int64(value[source, i])


def _plain(values: np.ndarray) -> np.ndarray:
    """Return an array that numba knows as one type: int64, in one piece, writable."""
    return np.require(values, np.int64, "CAW")


def _check(steps: StepEvents) -> None:
    """Refuse events that would be written beside the arrays: compiled code doesn't look."""
    if not len(steps.step):
        return
    inside = (
        min(steps.row.min(), steps.column.min(), steps.step[0]) >= 0
        and max(steps.row.max(), steps.column.max()) < NETWORK_SIZE
        and steps.step[-1] < steps.n_steps
        and bool((np.diff(steps.step) >= 0).all())
    )
    if not inside:
        raise ValueError(
            f"events must lie on {NETWORK_SIZE}x{NETWORK_SIZE} pixels and in ascending steps from "
            f"0 to {steps.n_steps - 1}"
        )


def walk(network: EventNetwork, steps: StepEvents) -> tuple[np.ndarray, list[np.ndarray]]:
    """Run one recording; its state begins at zero.

    Returns:
        Output spikes, int64 (time, 10), and per weighted layer the spikes of each of its neurons,
        summed over time: int64 (channel, height, width).

    Raises:
        ValueError: an event lies beside the network, or steps aren't in order.
    """
    steps = replace(
        steps, step=_plain(steps.step), row=_plain(steps.row), column=_plain(steps.column)
    )
    _check(steps)
    stages = network.stages
    answer = np.zeros((steps.n_steps, N_CLASSES), dtype=np.int64)
    total = np.zeros(len(network.resting), dtype=np.int64)
    sizes = stages["height"] * stages["width"] * stages["channels"]
    _walk(
        steps.step, steps.row, steps.column, stages,
        network.row_first, network.row_target, network.row_kernel, network.column_first,
        network.column_target, network.column_run, network.column_kernel, network.channel_target,
        network.channel_kernel, network.weights, network.resting, network.divisors,
        network.threshold, network.lower_bound,
        not np.isnan(network.lower_bound), max(prod(INPUT_SHAPE), int(sizes.max())),
        np.zeros(INPUT_SHAPE[1:], dtype=np.int64), total, answer,
    )  # fmt: skip
    sums = []
    begins = stages["map_at"][stages["is_weighted"] == 1]
    for begin, shape in zip(begins, network.shapes, strict=True):
        groups, height, width, channels = shape
        spikes = total[begin : begin + prod(shape)].reshape(shape)
        sums.append(spikes.transpose(0, 3, 1, 2).reshape(groups * channels, height, width))
    return answer, sums


def walk_all(
    network: EventNetwork, recordings: Sequence[StepEvents], threads: int
) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
    """Run recordings side by side in `threads` threads; yield what `walk` returns, in their order.

    A recording is walked by one thread, so that results don't depend on their number.
    """
    if threads == 1:
        for steps in recordings:
            yield walk(network, steps)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(lambda steps: walk(network, steps), recordings)


def respond(
    network: EventNetwork, recordings: Sequence[StepEvents], threads: int = 1
) -> Iterator[Response]:
    """Run recordings through a network; yield responses in their order.

    Every recording begins at zero: no state leaks from one to another.
    """
    walked = walk_all(network, recordings, threads)
    for steps, (spikes, sums) in zip(recordings, walked, strict=True):
        arriving = [steps.pixel_counts(), *sums]
        yield Response(spikes, layer_activities(network.layers, arriving))
