"""Lays a spiking network out in the tables of our own engine."""

from itertools import product
from math import prod

import numpy as np

from dvs_snn.engines.kinds.own.network import STAGE, EventNetwork
from dvs_snn.engines.kinds.own.steps import CHUNK, Tables
from dvs_snn.networks.geometry import Pool, Window
from dvs_snn.networks.spiking_network import SpikingLayer, SpikingNetwork
from dvs_snn.networks.synops import fanout_map, nonzero_fanout

Map = tuple[int, int, int, int]
"""The shape of a map: (group, height, width, channel)."""


def _runs(pairs: list[tuple[int, int]], kernel: int) -> list[tuple[int, int, int]]:
    """Join adjacent pairs: (first output, number of outputs, position in the reversed kernel)."""
    runs: list[tuple[int, int, int]] = []
    for out, offset in pairs:
        position = kernel - 1 - offset
        if runs:
            first, n, begin = runs[-1]
            if first + n == out and begin + n == position:
                runs[-1] = (first, n + 1, begin)
                continue
        runs.append((out, 1, position))
    return runs


def _length(arrays: list[np.ndarray]) -> int:
    return sum(map(len, arrays))


class _Builder:
    """Collects the tables of an `EventNetwork` by stages; the names are those of `Tables`.

    Attributes:
        shape: of the map so far.
        n_spikes: most that leave the last stage at once, by events: a pool may pass one on as many.
    """

    def __init__(self, input_shape: tuple[int, ...]) -> None:
        channels, height, width = input_shape
        self.shape: Map = (1, height, width, channels)
        self.stages: list[dict[str, int]] = []
        self.shapes: list[Map] = []
        self.runs: list[tuple[int, int, int]] = []
        self.reach_first = [0]
        self.reach_channel: list[int] = []
        self.channel_target: list[int] = []
        self.channel_kernel: list[int] = []
        self.weights: list[np.ndarray] = []
        self.fanout: list[np.ndarray] = []
        self.resting: list[np.ndarray] = []
        self.potential: list[np.ndarray] = []
        # There may be no pool.
        self.divisors = [np.zeros(1, np.float32)]
        self.n_neurons = 0
        self.n_spikes = 1
        self.capacity = 1

    def add(self, part: SpikingLayer, initial: float) -> None:
        """Add a weighted layer: its pools, and its neurons."""
        groups, height, width, channels = self.shape
        fanouts = np.stack([fanout_map(part.layer), nonzero_fanout(part.layer, part.weight)], -1)
        fanouts = fanouts.reshape(groups, channels, height, width, 2).transpose(0, 2, 3, 1, 4)
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
        resting = np.zeros(groups * height * width * channels)
        out = (groups, height, width, channels)
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
        channels = n_out // groups
        by_group = weight.reshape(groups, channels, n_in, kernel_height, kernel_width)
        # To (group, in, y, x reversed, out).
        kernels = by_group[..., ::-1].transpose(0, 2, 3, 4, 1)
        bias = np.zeros(n_out, np.float32) if part.bias is None else part.bias
        stage = {
            "is_weighted": 1,
            "always": int(bias.any()),
            "weight_at": _length(self.weights),
            "channel_at": len(self.channel_target),
        }
        self.weights.append(kernels.ravel())
        channel = np.arange(groups_in * channels_in)
        map_of_group = self.n_neurons + channel // n_in * height * width * channels
        self.channel_target += map_of_group.tolist()
        self.channel_kernel += (channel * kernel_height * kernel_width * channels).tolist()
        resting = np.tile(bias.reshape(groups, 1, channels), (1, height * width, 1)).ravel()
        out = (groups, height, width, channels)
        self.shapes.append(out)
        self._add_stage(stage, out, rows, columns, resting, potential)

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
        n_chunks = -(-prod(out) // CHUNK)
        stage["map_at"] = self.n_neurons
        stage["chunks"] = n_chunks
        stage["channels"] = out[3]
        stage["arriving"] = self.shape[3]
        stage["reach_at"] = len(self.reach_first) - 1
        self.stages.append(stage)
        self._reach(out, rows, columns, stage["is_weighted"] == 1)

        padded = np.zeros(n_chunks * CHUNK, np.float32)
        padded[: len(resting)] = resting
        self.resting.append(padded)
        self.potential.append(np.full_like(padded, potential))
        passed_on = int(np.diff(self.reach_first[stage["reach_at"] :]).max())
        self.n_spikes = len(padded) if stage["is_weighted"] else self.n_spikes * passed_on
        self.capacity = max(self.capacity, self.n_spikes)
        self.n_neurons += len(padded)
        self.shape = out

    def _reach(self, out: Map, rows: Window, columns: Window, is_weighted: bool) -> None:
        """List the runs of neurons, or of a pool the cells, that a spike of each cell reaches."""
        _, height, width, channels = out
        groups_in, height_in, width_in, channels_in = self.shape
        along_rows = rows.reached(height_in)
        along_columns = [_runs(pairs, columns.kernel) for pairs in columns.reached(width_in)]
        for group, row_pairs, runs in product(range(groups_in), along_rows, along_columns):
            for (row, offset), (column, n, position) in product(row_pairs, runs):
                if is_weighted:
                    kernel = (offset * columns.kernel + position) * channels
                    self.runs.append(((row * width + column) * channels, n * channels, kernel))
                else:
                    first = (group * height + row) * width + column
                    self.runs += [(target, 1, 0) for target in range(first, first + n)]
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
    target, size, kernel = np.array(builder.runs, dtype=np.int32).T.copy()
    tables = Tables(
        stages=stages,
        reach_first=np.array(builder.reach_first, np.int32),
        reach_target=target,
        reach_size=size,
        reach_kernel=kernel,
        reach_channel=np.array(builder.reach_channel, np.int32),
        channel_target=np.array(builder.channel_target, np.int32),
        channel_kernel=np.array(builder.channel_kernel, np.int32),
        weights=np.concatenate(builder.weights),
        fanout=np.concatenate(builder.fanout),
        resting=np.concatenate(builder.resting),
        potential=np.concatenate(builder.potential),
        divisors=np.concatenate(builder.divisors),
        shapes=np.array(builder.shapes, dtype=np.int64),
        threshold=np.array([part.threshold for part in network.parts], np.float32),
        lower_bound=np.array(bounds, np.float32),
        input_shape=np.array(network.layers[0].input_shape, np.int64),
        capacity=np.int64(builder.capacity),
    )
    return EventNetwork(network.layers, tables)
