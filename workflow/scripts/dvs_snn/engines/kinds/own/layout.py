"""Lays a spiking network out in the tables of our own engine."""

from itertools import product
from math import ceil
from typing import NamedTuple

import numpy as np

from dvs_snn.engines.kinds.own import EventNetwork, aligned
from dvs_snn.engines.kinds.own.walk import LANES, ROW, Tables
from dvs_snn.networks.geometry import Pool, Window
from dvs_snn.networks.spiking_network import SpikingLayer, SpikingNetwork
from dvs_snn.networks.synops import fanout_map, nonzero_fanout

STAGE = np.dtype(
    [
        (name, np.int64)
        for name in (
            "is_weighted",
            "always",  # it has biases: its neurons are visited in every step
            "channels",  # of one group of the map that comes out, padded to whole blocks
            "real_channels",  # without padding
            "map_at",  # where its neurons (or pooled values) begin among those of all stages
            "row_at",  # its first row among those of all weighted stages
            "rows",
            "neurons",  # of its map, those that pad included
            "arriving",  # channels of one group of the map that goes in
            "fanout_at",  # of a layer's first stage: where its input begins in `fanout`
            "reach_at",  # where its input cells begin in the tables
            "channel_at",  # first channel of the input, in the tables
            "weight_at",
            "divisor_at",
        )
    ]
)

Map = tuple[int, int, int, int]
"""The shape of a map: (group, height, width, channel), channels padded to whole blocks."""


class Run(NamedTuple):
    """Adjacent neurons of a row that a spike reaches; of a pool one cell.

    Attributes:
        target: where it begins in the map of a group; of a pool, a cell of the map that comes out.
        size, kernel: its neurons, and where their weights begin in the kernel of an input channel;
            of a pool 1 and 0.
        row: in the map of a group.
        mask: a bit for each cell of that row that it covers.
    """

    target: int
    size: int
    kernel: int
    row: int
    mask: int


RUN = np.dtype([(name, np.uint64 if name == "mask" else np.int32) for name in Run._fields])


def _runs(pairs: list[tuple[int, int]], kernel: int) -> list[tuple[int, int, int]]:
    """Join adjacent pairs: (first output, number of outputs, position in the reversed kernel).

    No run goes beyond a row of `ROW` cells.
    """
    runs: list[tuple[int, int, int]] = []
    for out, offset in pairs:
        position = kernel - 1 - offset
        if runs and out % ROW:
            first, n, begin = runs[-1]
            if first + n == out and begin + n == position:
                runs[-1] = (first, n + 1, begin)
                continue
        runs.append((out, 1, position))
    return runs


def _whole_blocks(n: int) -> int:
    """Return a number of neurons that fills whole blocks."""
    return ceil(n / LANES) * LANES


def _length(arrays: list[np.ndarray]) -> int:
    return sum(map(len, arrays))


class _Builder:
    """Collects the tables of an `EventNetwork` by stages; the names are those of `Tables`.

    Attributes:
        shape: of the map so far.
        real_channels: of each of its groups, without padding.
    """

    def __init__(self, input_shape: tuple[int, ...]) -> None:
        channels, height, width = input_shape
        self.shape: Map = (1, height, width, channels)
        self.real_channels = channels
        self.stages: list[dict[str, int]] = []
        self.shapes: list[Map] = []
        self.runs: list[Run] = []
        self.reach_first = [0]
        self.reach_channel: list[int] = []
        self.channel_target: list[int] = []
        self.channel_kernel: list[int] = []
        self.channel_row: list[int] = []
        self.row_target: list[int] = []
        self.row_mask: list[int] = []
        self.weights: list[np.ndarray] = []
        self.fanout: list[np.ndarray] = []
        self.resting: list[np.ndarray] = []
        self.potential: list[np.ndarray] = []
        self.block_place: list[np.ndarray] = []
        self.block_channel: list[np.ndarray] = []
        # There may be no pool.
        self.divisors = [np.zeros(1, np.float32)]
        self.n_neurons = 0

    def add(self, part: SpikingLayer, initial: float) -> None:
        """Add a weighted layer: its pools, and its neurons."""
        groups, height, width, channels = self.shape
        fanouts = np.stack([fanout_map(part.layer), nonzero_fanout(part.layer, part.weight)], -1)
        fanouts = fanouts.reshape(groups, self.real_channels, height, width, 2)
        fanouts = self._padded(fanouts.transpose(0, 2, 3, 1, 4), channels, axis=3)
        fanout_at = _length(self.fanout)
        self.fanout.append(fanouts.reshape(-1, 2).astype(np.int32))
        first = len(self.stages)
        for pool in part.layer.pools:
            self._add_pool(pool)
        self._add_neurons(part, np.float32(initial) * np.float32(part.threshold))
        self.stages[first]["fanout_at"] = fanout_at

    def _add_pool(self, pool: Pool) -> None:
        groups, _, _, channels = self.shape
        _, height, width = pool.output_shape
        stage = {"is_weighted": 0, "divisor_at": _length(self.divisors)}
        self.divisors.append(np.full(groups * height * width, pool.divisor, np.float32))
        out = (groups, height, width, channels)
        resting = np.zeros(out)
        self._add_stage(stage, out, pool.window(0), pool.window(1), resting, np.float32(0))

    def _add_neurons(self, part: SpikingLayer, potential: np.float32) -> None:
        layer = part.layer
        weight = part.weight
        groups_in, height_in, width_in, channels_in = self.shape
        groups = layer.groups
        if layer.kind == "conv":
            height, width = layer.output_shape[1:]
            rows = layer.window(0)
            columns = layer.window(1)
        else:
            # Flattened maps reach a neuron as a convolution does whose kernel is the whole map.
            weight = weight.reshape(len(weight), -1, height_in, width_in)
            height = 1
            width = 1
            rows = Window(height_in, 1, 0)
            columns = Window(width_in, 1, 0)

        n_out, n_in, kernel_height, kernel_width = weight.shape
        real_channels = n_out // groups
        channels = _whole_blocks(real_channels)
        by_group = weight.reshape(groups, real_channels, n_in, kernel_height, kernel_width)
        # To (group, in, y, x reversed, out).
        kernels = self._padded(by_group[..., ::-1].transpose(0, 2, 3, 4, 1), channels, axis=4)
        bias = np.zeros(n_out, np.float32) if part.bias is None else part.bias
        stage = {
            "is_weighted": 1,
            "always": int(bias.any()),
            "real_channels": real_channels,
            "weight_at": _length(self.weights),
            "channel_at": len(self.channel_target),
        }
        self.weights.append(kernels.ravel())
        # The number of each input channel among the weights; one that pads has any.
        group_in, in_group = np.divmod(np.arange(groups_in * channels_in), channels_in)
        number = group_in * self.real_channels + np.minimum(in_group, self.real_channels - 1)
        group_out = number // n_in
        map_of_group = self.n_neurons + group_out * height * width * channels
        self.channel_target += map_of_group.tolist()
        self.channel_kernel += (number * kernel_height * kernel_width * channels).tolist()
        rows_of_group = height * ceil(width / ROW)
        self.channel_row += (len(self.row_target) + group_out * rows_of_group).tolist()
        out = (groups, height, width, channels)
        of_group = self._padded(bias.reshape(groups, 1, 1, real_channels), channels, axis=3)
        resting = np.broadcast_to(of_group, out)
        self.shapes.append(out)
        self._add_stage(stage, out, rows, columns, resting, potential)
        self.real_channels = real_channels

    @staticmethod
    def _padded(values: np.ndarray, size: int, axis: int) -> np.ndarray:
        """Append zeros along an axis until it is `size` long."""
        pads = [(0, 0)] * values.ndim
        pads[axis] = (0, size - values.shape[axis])
        return np.pad(values, pads)

    def _add_stage(
        self,
        stage: dict[str, int],
        out: Map,
        rows: Window,
        columns: Window,
        resting: np.ndarray,
        potential: np.float32,
    ) -> None:
        """Add a stage with the map `out`, whose kernel moves along `rows` and `columns`."""
        channels = out[3]
        stage["map_at"] = self.n_neurons
        stage["channels"] = channels
        stage["arriving"] = self.shape[3]
        stage["reach_at"] = len(self.reach_first) - 1
        self.stages.append(stage)
        self._reach(out, rows, columns, stage["is_weighted"] == 1)
        if stage["is_weighted"]:
            self._add_rows(stage, out)

        values = np.zeros(_whole_blocks(resting.size), np.float32)
        values[: resting.size] = resting.ravel()
        self.resting.append(values)
        self.potential.append(np.full_like(values, potential))
        # Only neurons fire, so blocks of a pool, with fewer channels perhaps, are never looked up.
        block = np.arange(len(values) // LANES)
        place, of_place = np.divmod(block, max(1, channels // LANES))
        self.block_place.append(place)
        self.block_channel.append(of_place * LANES)
        self.n_neurons += len(values)
        self.shape = out

    def _add_rows(self, stage: dict[str, int], out: Map) -> None:
        """Add the rows of a map of neurons, each of at most `ROW` cells."""
        groups, height, width, channels = out
        stage["row_at"] = len(self.row_target)
        for line, column in product(range(groups * height), range(0, width, ROW)):
            n_cells = min(ROW, width - column)
            self.row_target.append(self.n_neurons + (line * width + column) * channels)
            self.row_mask.append((1 << n_cells) - 1)
        stage["rows"] = len(self.row_target) - stage["row_at"]
        stage["neurons"] = groups * height * width * channels

    def _reach(self, out: Map, rows: Window, columns: Window, is_weighted: bool) -> None:
        """List the runs of neurons, or of a pool the cells, that a spike of each cell reaches."""
        _, height, width, channels = out
        groups_in, height_in, width_in, channels_in = self.shape
        along_rows = rows.reached(height_in)
        along_columns = [_runs(pairs, columns.kernel) for pairs in columns.reached(width_in)]
        for group, row_pairs, runs in product(range(groups_in), along_rows, along_columns):
            for (row, offset), (column, n, position) in product(row_pairs, runs):
                cell = row * width + column
                if is_weighted:
                    run = Run(
                        target=cell * channels,
                        size=n * channels,
                        kernel=(offset * columns.kernel + position) * channels,
                        row=row * ceil(width / ROW) + column // ROW,
                        mask=((1 << n) - 1) << column % ROW,
                    )
                    self.runs.append(run)
                else:
                    first = group * height * width + cell
                    self.runs += [Run(at, 1, 0, 0, 0) for at in range(first, first + n)]
            self.reach_first.append(len(self.runs))
            self.reach_channel.append(group * channels_in)


def lay_out(network: SpikingNetwork) -> EventNetwork:
    """Lay out a network for our own engine."""
    builder = _Builder(network.layers[0].input_shape)
    for part in network.parts:
        builder.add(part, network.initial)
    stages = np.zeros(len(builder.stages), dtype=STAGE)
    for key in STAGE.fields or ():
        stages[key] = [stage.get(key, 0) for stage in builder.stages]
    bounds = [-np.inf if part.lower_bound is None else part.lower_bound for part in network.parts]
    tables = Tables(
        stages=stages,
        reach_first=np.array(builder.reach_first, np.int32),
        runs=np.array(builder.runs, RUN),
        reach_channel=np.array(builder.reach_channel, np.int32),
        channel_target=np.array(builder.channel_target, np.int32),
        channel_kernel=np.array(builder.channel_kernel, np.int32),
        channel_row=np.array(builder.channel_row, np.int32),
        row_target=np.array(builder.row_target, np.int32),
        row_mask=np.array(builder.row_mask, np.uint64),
        weights=aligned(np.concatenate(builder.weights)),
        fanout=np.concatenate(builder.fanout),
        resting=np.concatenate(builder.resting),
        potential=np.concatenate(builder.potential),
        block_place=np.concatenate(builder.block_place).astype(np.int32),
        block_channel=np.concatenate(builder.block_channel).astype(np.int32),
        divisors=np.concatenate(builder.divisors),
        shapes=np.array(builder.shapes, dtype=np.int64),
        threshold=np.array([part.threshold for part in network.parts], np.float32),
        lower_bound=np.array(bounds, np.float32),
        input_shape=np.array(network.layers[0].input_shape, np.int64),
    )
    return EventNetwork(network.layers, tables)
