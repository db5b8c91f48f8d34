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

Maps lie in memory as (group, height, width, channel), so that the weights of a spike towards all
channels of neighbouring neurons of a row are one run of memory.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import prod

import numba
import numpy as np
import torch
from torch import nn

from dvs_snn.errors import StudyError
from dvs_snn.framing import NETWORK_SIZE, StepEvents
from dvs_snn.kernel_cache import use_kernel_cache
from dvs_snn.model import INPUT_SHAPE, N_CLASSES

use_kernel_cache()

_CHUNK_BITS = 6
_CHUNK = 1 << _CHUNK_BITS
"""Neurons that are visited together, where one of them is reached; chunks never span two maps."""

_STAGE = np.dtype(
    [
        (name, np.int64)
        for name in (
            "is_weighted",
            "always",  # it has biases: its neurons are visited in every step
            "height",  # rows of the map that comes out, of all groups
            "width",
            "channels",  # of one group
            "map_at",  # where its neurons (or pooled values) begin among those of all stages
            "chunks",  # of its map
            "row_at",  # where its rows begin in the tables
            "column_at",
            "channel_at",  # first channel of the input, in the tables
            "group_channels",  # channels of a group of the input
            "group_rows",  # rows of a group of the input
            "weight_at",
            "divisor_at",
        )
    ],
)


@dataclass(frozen=True, eq=False)
class EventNetwork:
    """A network laid out for the kernel: stages (pools and weighted layers) and their tables.

    Which outputs a spike reaches is the product of two tables: along the rows and along the
    columns. Entry i of an input row is `row_first[i]` to `row_first[i + 1]`, likewise for columns.

    Attributes:
        stages: `_STAGE` (stage,).
        row_target, row_kernel: int32, output row and where its kernel row begins among the weights.
        column_target, column_run, column_kernel: int32, first output column, number of output
            columns in a row, and where their weights begin in the kernel row.
        channel_target, channel_kernel: int32 (input channel,), output row of the channel's group
            and where its kernel begins.
        weights: float32, per stage (in channel, kernel row, kernel column reversed, out channel).
        resting: float32, current of every neuron without spikes: its bias.
        divisors: float32, per pool (group, height, width).
        shapes: of each weighted stage's map (group, height, width, channel).
        threshold, lower_bound: of the membrane potential; `lower_bound` nan for none.
    """

    stages: np.ndarray
    row_first: np.ndarray
    row_target: np.ndarray
    row_kernel: np.ndarray
    column_first: np.ndarray
    column_target: np.ndarray
    column_run: np.ndarray
    column_kernel: np.ndarray
    channel_target: np.ndarray
    channel_kernel: np.ndarray
    weights: np.ndarray
    resting: np.ndarray
    divisors: np.ndarray
    shapes: tuple[tuple[int, int, int, int], ...]
    threshold: np.float32
    lower_bound: np.float32


def _pair(value: int | Sequence[int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def _reached(size: int, n_out: int, kernel: int, stride: int, padding: int, dilation: int):
    """Return, per input position of an axis, (output, kernel position) pairs in rising order."""
    reached: list[list[tuple[int, int]]] = [[] for _ in range(size)]
    for out in range(n_out):
        for offset in range(kernel):
            position = out * stride - padding + offset * dilation
            if 0 <= position < size:
                reached[position].append((out, offset))
    return reached


def _runs(pairs: list[tuple[int, int]], kernel: int) -> list[tuple[int, int, int]]:
    """Join pairs that lie side by side in the output and in the reversed kernel.

    Returns:
        (first output, number of outputs, position in the reversed kernel), one per run.
    """
    runs: list[tuple[int, int, int]] = []
    for out, offset in pairs:
        position = kernel - 1 - offset
        if runs and runs[-1][0] + runs[-1][1] == out and runs[-1][2] + runs[-1][1] == position:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1, runs[-1][2])
        else:
            runs.append((out, 1, position))
    return runs


class _Builder:
    """Collects the tables of an `EventNetwork`, stage by stage.

    `shape` is that of the map so far, (group, height, width, channel).
    """

    def __init__(self) -> None:
        channels, height, width = INPUT_SHAPE
        self.shape = (1, height, width, channels)
        self.stages: list[dict[str, int]] = []
        self.shapes: list[tuple[int, int, int, int]] = []
        names = ("row_target", "row_kernel", "column_target", "column_run", "column_kernel",
                 "channel_target", "channel_kernel")  # fmt: skip
        self.tables: dict[str, list[int]] = {name: [] for name in names}
        self.row_first, self.column_first = [0], [0]
        self.weights: list[np.ndarray] = []
        self.resting: list[np.ndarray] = []
        self.divisors: list[np.ndarray] = []
        self.n_neurons = 0

    def _add(self, out: tuple[int, int, int, int], axes, resting=None, **stage: int) -> None:
        """Add a stage that turns the map into one of shape `out`.

        Args:
            axes: for rows and columns (kernel, stride, padding, dilation).
            resting: currents of its neurons without spikes; zero if not given.
        """
        chunks = -(-prod(out) // _CHUNK)
        groups, height, width, channels = out
        groups_in, height_in, width_in, channels_in = self.shape
        (kernel, *geometry), (kernel_width, *column_geometry) = axes
        is_weighted = stage["is_weighted"]
        run = channels if is_weighted else 0
        # One entry is always there between two stages' rows: the end of the first's last row.
        stage |= {"row_at": len(self.row_first) - 1, "column_at": len(self.column_first) - 1}
        for group in range(groups_in):
            for pairs in _reached(height_in, height, kernel, *geometry):
                for target, offset in pairs:
                    # A weighted stage finds the rows of its own group by the channel.
                    self.tables["row_target"].append(target + (1 - is_weighted) * group * height)
                    self.tables["row_kernel"].append(offset * kernel_width * run)
                self.row_first.append(len(self.tables["row_target"]))
        for pairs in _reached(width_in, width, kernel_width, *column_geometry):
            for target, n, position in _runs(pairs, kernel_width):
                self.tables["column_target"].append(target)
                self.tables["column_run"].append(n)
                self.tables["column_kernel"].append(position * run)
            self.column_first.append(len(self.tables["column_target"]))
        stage |= {
            "height": groups * height, "width": width, "channels": channels,
            "map_at": self.n_neurons, "chunks": chunks,
            "group_channels": channels_in, "group_rows": height_in,
        }  # fmt: skip
        self.stages.append(stage)
        rest = np.zeros(chunks * _CHUNK, dtype=np.float32)
        if resting is not None:
            rest[: prod(out)] = resting
        self.resting.append(rest)
        self.n_neurons += len(rest)
        self.shape = out

    def pool(self, part: nn.AvgPool2d, out_shape: tuple[int, ...]) -> None:
        """Add an average pool."""
        groups, height_in, width_in, channels = self.shape
        _, height, width = out_shape
        kernel, stride, padding = map(_pair, (part.kernel_size, part.stride, part.padding))
        ones = torch.ones(1, 1, height_in, width_in)
        area = kernel[0] * kernel[1]
        divisors = np.full((height, width), part.divisor_override or area, dtype=np.float32)
        if part.divisor_override is None and not part.count_include_pad:
            sums = nn.functional.avg_pool2d(ones, kernel, stride, padding, divisor_override=1)
            divisors = sums[0, 0].numpy()
        at = sum(map(len, self.divisors))
        self.divisors.append(np.tile(divisors.ravel(), groups))
        axes = [(kernel[i], stride[i], padding[i], 1) for i in (0, 1)]
        self._add((groups, height, width, channels), axes, is_weighted=0, divisor_at=at)

    def weighted(self, part: nn.Conv2d | nn.Linear, out_shape: tuple[int, ...]) -> None:
        """Add a weighted layer and its neurons."""
        groups_in, height_in, width_in, channels_in = self.shape
        weight = part.weight.detach().numpy().astype(np.float32)
        if isinstance(part, nn.Conv2d):
            groups, height, width = part.groups, *out_shape[1:]
            pairs = map(_pair, (part.kernel_size, part.stride, part.padding, part.dilation))
            axes = list(zip(*pairs, strict=True))
        else:
            # Flattened maps reach a neuron as a convolution does whose kernel is the whole map.
            weight = weight.reshape(len(weight), -1, height_in, width_in)
            groups = height = width = 1
            axes = [(height_in, 1, 0, 1), (width_in, 1, 0, 1)]
        channels = len(weight) // groups
        _, ins, *kernel = weight.shape
        # (group, out, in, y, x) to (group, in, y, x reversed, out)
        kernels = weight.reshape(groups, channels, ins, *kernel)[..., ::-1].transpose(0, 2, 3, 4, 1)
        channel_at = len(self.tables["channel_target"])
        channel = np.arange(groups_in * channels_in)
        self.tables["channel_target"] += (channel // ins * height).tolist()
        self.tables["channel_kernel"] += (channel * prod(kernel) * channels).tolist()
        at = sum(map(len, self.weights))
        self.weights.append(kernels.ravel())
        bias = np.zeros(len(weight), dtype=np.float32)
        if part.bias is not None:
            bias = part.bias.detach().numpy().astype(np.float32)
        bias = bias.reshape(groups, 1, channels)
        resting = np.tile(bias, (1, height * width, 1)).ravel()
        out = (groups, height, width, channels)
        self.shapes.append(out)
        self._add(
            out, axes, resting, is_weighted=1, always=int(bias.any()), weight_at=at,
            channel_at=channel_at,
        )  # fmt: skip


def event_network(
    name: str, model: nn.Sequential, threshold: float, lower_bound: float | None
) -> EventNetwork:
    """Lay out a CNN, its first layer scaled already, for the kernel.

    Args:
        name: of the network, for messages.
        threshold: membrane potential at which a neuron fires; as much is subtracted.
        lower_bound: of the membrane potential; None for none.

    Raises:
        StudyError: the network has a layer that this engine doesn't know, or its neurons a lower
            bound above zero, which moves those that nothing reaches.
    """

    def refuse(what: str) -> StudyError:
        return StudyError(
            f"inference.engine is 'event', which can't run model.name {name!r}: {what}; set "
            "inference.engine: sinabs, which runs whatever sinabs converts."
        )

    if lower_bound is not None and lower_bound > 0:
        raise refuse(f"its neurons have min_v_mem {lower_bound:g}, which is above 0")
    builder = _Builder()
    value = torch.zeros(1, *INPUT_SHAPE)
    with torch.no_grad():
        for index, part in enumerate(model):
            where = f"layer {index} ({type(part).__name__})"
            if isinstance(part, nn.Conv2d | nn.Linear):
                value = part(value)
                if isinstance(part, nn.Conv2d) and (
                    isinstance(part.padding, str) or part.padding_mode != "zeros"
                ):
                    raise refuse(f"{where} isn't padded by numbers of zeros")
                builder.weighted(part, value.shape[1:])
            elif isinstance(part, nn.AvgPool2d):
                value = part(value)
                if part.ceil_mode:
                    raise refuse(f"{where} has ceil_mode")
                builder.pool(part, value.shape[1:])
            elif isinstance(part, nn.Flatten) and (part.start_dim, part.end_dim) == (1, -1):
                value = part(value)
            elif not isinstance(part, nn.ReLU | nn.Dropout | nn.Dropout2d):
                raise refuse(f"{where} isn't a layer that it knows")

    stages = np.zeros(len(builder.stages), dtype=_STAGE)
    for number, stage in enumerate(builder.stages):
        for key, number_of in stage.items():
            stages[number][key] = number_of
    nothing = [np.zeros(1, np.float32)]
    bound = np.nan if lower_bound is None else lower_bound
    return EventNetwork(
        stages=stages,
        row_first=np.array(builder.row_first, dtype=np.int32),
        column_first=np.array(builder.column_first, dtype=np.int32),
        **{key: np.array(table, dtype=np.int32) for key, table in builder.tables.items()},
        weights=np.concatenate(builder.weights),
        resting=np.concatenate(builder.resting),
        divisors=np.concatenate(builder.divisors or nothing),
        shapes=tuple(builder.shapes),
        threshold=np.float32(threshold),
        lower_bound=np.float32(bound),
    )


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
                for chunk in range(at >> _CHUNK_BITS, ((at + size - 1) >> _CHUNK_BITS) + 1):
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
    v_mem, i_syn = potential[at : at + _CHUNK], current[at : at + _CHUNK]
    if is_bounded:
        for i in range(_CHUNK):
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
        for i in range(_CHUNK):
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
    first = stage.map_at >> _CHUNK_BITS
    for chunk in range(first, first + stage.chunks):
        if not touched[chunk]:
            continue
        at = chunk << _CHUNK_BITS
        n_fired, n_restless = _integrate(
            potential, current, at, spikes, threshold, lower_bound, is_bounded
        )
        touched[chunk] = n_restless > 0
        if stage.always:
            touched[chunk] = True
            for i in range(at, at + _CHUNK):
                current[i] = resting[i]
        if not n_fired:
            continue
        for pair in range(_CHUNK // 2):
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
    spikes = np.empty(_CHUNK, np.float32)
    spikes_in_pairs = spikes.view(np.int64)
    place = np.empty((2, 3, largest_map), np.int32)
    value = np.empty((2, largest_map), np.float32)
    touched = np.zeros(len(resting) >> _CHUNK_BITS, np.bool_)
    touched_cells, cells = np.zeros(largest_map, np.bool_), np.empty(largest_map, np.int32)
    for s in range(len(stages)):
        stage = stages[s]
        if stage.always:
            first = stage.map_at >> _CHUNK_BITS
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
    _check(steps)
    stages = network.stages
    answer = np.zeros((steps.n_steps, N_CLASSES), dtype=np.int64)
    total = np.zeros(len(network.resting), dtype=np.int64)
    sizes = stages["height"] * stages["width"] * stages["channels"]
    _walk(
        _plain(steps.step), _plain(steps.row), _plain(steps.column), stages,
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
