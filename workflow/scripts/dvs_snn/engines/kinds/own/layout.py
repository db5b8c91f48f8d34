"""Lays a spiking network out in the tables of our own engine."""

from itertools import product
from math import prod

import numpy as np

from dvs_snn.engines.kinds.own.network import STAGE, EventNetwork
from dvs_snn.engines.kinds.own.steps import CHUNK, Tables
from dvs_snn.networks.geometry import INSIDE, Layer, Pool, reached
from dvs_snn.networks.spiking import SpikingNetwork


def _runs(pairs: list[tuple[int, int]], kernel: int) -> list[tuple[int, int, int]]:
    """Join adjacent pairs: (first output, number of outputs, position in the reversed kernel)."""
    runs: list[tuple[int, int, int]] = []
    for out, offset in pairs:
        position = kernel - 1 - offset
        if runs and runs[-1][0] + runs[-1][1] == out and runs[-1][2] + runs[-1][1] == position:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1, runs[-1][2])
        else:
            runs.append((out, 1, position))
    return runs


class _Builder:
    """Collects an `EventNetwork` by stages; `shape` so far is (group, height, width, channel)."""

    def __init__(self, input_shape: tuple[int, ...]) -> None:
        channels, height, width = input_shape
        self.shape = (1, height, width, channels)
        self.stages: list[dict[str, int]] = []
        self.shapes: list[tuple[int, int, int, int]] = []
        names = "reach_target reach_size reach_kernel reach_channel channel_target channel_kernel"
        self.tables: dict[str, list[int]] = {name: [] for name in names.split()}
        self.tables["reach_first"] = [0]
        self.weights: list[np.ndarray] = []
        self.resting: list[np.ndarray] = []
        self.divisors: list[np.ndarray] = []
        self.n_neurons = 0

    def _add(self, out: tuple[int, int, int, int], axes, resting=None, **stage: int) -> None:
        """Add a stage with map `out`; `axes` (rows, columns): kernel, stride, padding, dilation."""
        chunks = -(-prod(out) // CHUNK)
        _, height, width, channels = out
        groups_in, height_in, width_in, channels_in = self.shape
        along_rows, along_columns = axes
        kernel_width = along_columns[0]
        stage |= {"map_at": self.n_neurons, "chunks": chunks, "channels": channels}
        stage["reach_at"] = len(self.tables["reach_first"]) - 1
        rows = reached(height_in, *along_rows)
        columns = [_runs(pairs, kernel_width) for pairs in reached(width_in, *along_columns)]
        for group, row_pairs, runs in product(range(groups_in), rows, columns):
            for (row, offset), (column, n, position) in product(row_pairs, runs):
                if stage["is_weighted"]:
                    target, kernel = row * width + column, offset * kernel_width + position
                    self._reach(target * channels, n * channels, kernel * channels)
                else:
                    first = (group * height + row) * width + column
                    for target in range(first, first + n):
                        self._reach(target, 1, 0)
            self.tables["reach_first"].append(len(self.tables["reach_target"]))
            self.tables["reach_channel"].append(group * channels_in)
        self.stages.append(stage)
        rest = np.zeros(chunks * CHUNK, dtype=np.float32)
        if resting is not None:
            rest[: prod(out)] = resting
        self.resting.append(rest)
        self.n_neurons += len(rest)
        self.shape = out

    def _reach(self, target: int, size: int, kernel: int) -> None:
        """Add what one input cell reaches: the first of it, how much, and where its weights are."""
        for name, value in (("target", target), ("size", size), ("kernel", kernel)):
            self.tables[f"reach_{name}"].append(value)

    def pool(self, pool: Pool) -> None:
        """Add a pool."""
        groups, *sizes, channels = self.shape
        _, height, width = pool.output_shape
        axes = list(zip(pool.kernel, pool.stride, pool.padding, (1, 1), strict=True))
        divisors = np.full((height, width), pool.divisor, dtype=np.float32)
        if pool.divisor == INSIDE:
            along = [
                np.bincount([out for pairs in reached(size, *axis) for out, _ in pairs])
                for size, axis in zip(sizes, axes, strict=True)
            ]
            divisors = np.multiply.outer(*along).astype(np.float32)
        at = sum(map(len, self.divisors))
        self.divisors.append(np.tile(divisors.ravel(), groups))
        self._add((groups, height, width, channels), axes, is_weighted=0, divisor_at=at)

    def weighted(self, layer: Layer, weight: np.ndarray, bias: np.ndarray | None) -> None:
        """Add a weighted layer and its neurons."""
        groups_in, height_in, width_in, channels_in = self.shape
        groups = layer.groups
        if layer.kind == "conv":
            height, width = layer.output_shape[1:]
            axes = list(zip(layer.kernel, layer.stride, layer.padding, layer.dilation, strict=True))
        else:
            # Flattened maps reach a neuron as a convolution does whose kernel is the whole map.
            weight = weight.reshape(len(weight), -1, height_in, width_in)
            height = width = 1
            axes = [(height_in, 1, 0, 1), (width_in, 1, 0, 1)]
        channels = len(weight) // groups
        _, ins, *kernel = weight.shape
        # (group, out, in, y, x) to (group, in, y, x reversed, out)
        kernels = weight.reshape(groups, channels, ins, *kernel)[..., ::-1].transpose(0, 2, 3, 4, 1)
        channel_at = len(self.tables["channel_target"])
        channel = np.arange(groups_in * channels_in)
        map_of_group = self.n_neurons + channel // ins * height * width * channels
        self.tables["channel_target"] += map_of_group.tolist()
        self.tables["channel_kernel"] += (channel * prod(kernel) * channels).tolist()
        at = sum(map(len, self.weights))
        self.weights.append(kernels.ravel())
        bias = np.zeros(len(weight), np.float32) if bias is None else bias
        bias = bias.reshape(groups, 1, channels)
        resting = np.tile(bias, (1, height * width, 1)).ravel()
        out = (groups, height, width, channels)
        self.shapes.append(out)
        places = {"weight_at": at, "channel_at": channel_at}
        self._add(out, axes, resting, is_weighted=1, always=int(bias.any()), **places)


def lay_out(network: SpikingNetwork) -> EventNetwork:
    """Lay out a network for our own engine, its first layer as it was trained."""
    builder = _Builder(network.layers[0].input_shape)
    for layer, weight, bias in zip(network.layers, network.weights, network.biases, strict=True):
        for pool in layer.pools:
            builder.pool(pool)
        builder.weighted(layer, weight, bias)
    stages = np.zeros(len(builder.stages), dtype=STAGE)
    for key in STAGE.names:
        stages[key] = [stage.get(key, 0) for stage in builder.stages]
    bounds = [np.nan if bound is None else bound for bound in network.lower_bounds]
    tables = Tables(
        stages=stages,
        **{key: np.array(table, dtype=np.int32) for key, table in builder.tables.items()},
        weights=np.concatenate(builder.weights),
        resting=np.concatenate(builder.resting),
        divisors=np.concatenate(builder.divisors or [np.zeros(1, np.float32)]),
        shapes=np.array(builder.shapes, dtype=np.int64),
        initial=np.float32(network.initial),
        threshold=np.array(network.thresholds, np.float32),
        lower_bound=np.array(bounds, np.float32),
        max_spikes=np.float32(np.inf),
        input_shape=np.array(network.layers[0].input_shape, np.int64),
    )
    return EventNetwork(network.layers, tables)
