"""Lays a spiking network out in the tables of our own engine."""

from collections import defaultdict
from itertools import product
from math import prod

import numpy as np

from dvs_snn.engines.kinds.own.network import STAGE, EventNetwork
from dvs_snn.engines.kinds.own.steps import CHUNK, Tables
from dvs_snn.networks.geometry import INSIDE, Layer, Pool, reached
from dvs_snn.networks.spiking import SpikingNetwork
from dvs_snn.networks.synops import fanout_map, nonzero_fanout


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
    """Collects an `EventNetwork` by stages; `shape` so far is (group, height, width, channel).

    Up to `n_spikes` leave a stage at once, by events: a pool may pass one on as many.
    """

    def __init__(self, input_shape: tuple[int, ...]) -> None:
        channels, height, width = input_shape
        self.shape = (1, height, width, channels)
        self.stages: list[dict[str, int]] = []
        self.shapes: list[tuple[int, int, int, int]] = []
        self.reach: list[tuple[int, int, int]] = []
        self.tables: dict[str, list[int]] = defaultdict(list, reach_first=[0])
        names = "weights", "fanout", "resting", "potential"
        self.arrays: dict[str, list[np.ndarray]] = {name: [] for name in names}
        # There may be no pool.
        self.arrays["divisors"] = [np.zeros(1, np.float32)]
        self.n_neurons, self.n_spikes, self.capacity = 0, 1, 1

    def _add(self, out: tuple[int, ...], axes, resting=0.0, potential=0.0, **stage: int) -> None:
        """Add a stage with map `out`; `axes` (rows, columns): kernel, stride, padding, dilation."""
        chunks = -(-prod(out) // CHUNK)
        _, height, width, channels = out
        groups_in, height_in, width_in, channels_in = self.shape
        along_rows, along_columns = axes
        kernel_width = along_columns[0]
        stage |= {"map_at": self.n_neurons, "chunks": chunks, "channels": channels}
        stage["arriving"] = channels_in
        stage["reach_at"] = len(self.tables["reach_first"]) - 1
        rows = reached(height_in, *along_rows)
        columns = [_runs(pairs, kernel_width) for pairs in reached(width_in, *along_columns)]
        for group, row_pairs, runs in product(range(groups_in), rows, columns):
            for (row, offset), (column, n, position) in product(row_pairs, runs):
                if stage["is_weighted"]:
                    kernel = (offset * kernel_width + position) * channels
                    self.reach.append(((row * width + column) * channels, n * channels, kernel))
                else:
                    first = (group * height + row) * width + column
                    self.reach += [(target, 1, 0) for target in range(first, first + n)]
            self.tables["reach_first"].append(len(self.reach))
            self.tables["reach_channel"].append(group * channels_in)
        self.stages.append(stage)
        rest = np.zeros(chunks * CHUNK, dtype=np.float32)
        rest[: prod(out)] = resting
        self.arrays["resting"].append(rest)
        self.arrays["potential"].append(np.full_like(rest, potential))
        passed_on = np.diff(self.tables["reach_first"][stage["reach_at"] :]).max()
        self.n_spikes = len(rest) if stage["is_weighted"] else self.n_spikes * int(passed_on)
        self.capacity = max(self.capacity, self.n_spikes)
        self.n_neurons += len(rest)
        self.shape = out

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
        at = sum(map(len, self.arrays["divisors"]))
        self.arrays["divisors"].append(np.tile(divisors.ravel(), groups))
        self._add((groups, height, width, channels), axes, is_weighted=0, divisor_at=at)

    def weighted(
        self, layer: Layer, weight: np.ndarray, bias: np.ndarray | None, potential: np.float32
    ) -> None:
        """Add a weighted layer and its neurons, behind its pools."""
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
        at = sum(map(len, self.arrays["weights"]))
        self.arrays["weights"].append(kernels.ravel())
        bias = np.zeros(len(weight), np.float32) if bias is None else bias
        bias = bias.reshape(groups, 1, channels)
        resting = np.tile(bias, (1, height * width, 1)).ravel()
        out = (groups, height, width, channels)
        self.shapes.append(out)
        places = {"weight_at": at, "channel_at": channel_at}
        about = {"is_weighted": 1, "always": int(bias.any()), **places}
        self._add(out, axes, resting, potential, **about)


def lay_out(network: SpikingNetwork) -> EventNetwork:
    """Lay out a network for our own engine."""
    builder = _Builder(network.layers[0].input_shape)
    for layer, weight, bias, threshold, _ in network.parts:
        groups, height, width, channels = builder.shape
        fanouts = np.stack([fanout_map(layer), nonzero_fanout(layer, weight)], axis=-1)
        fanouts = fanouts.reshape(groups, channels, height, width, 2).transpose(0, 2, 3, 1, 4)
        first, at = len(builder.stages), sum(map(len, builder.arrays["fanout"]))
        builder.arrays["fanout"].append(fanouts.reshape(-1, 2).astype(np.int32))
        for pool in layer.pools:
            builder.pool(pool)
        potential = np.float32(network.initial) * np.float32(threshold)
        builder.weighted(layer, weight, bias, potential)
        builder.stages[first]["fanout_at"] = at
    stages = np.zeros(len(builder.stages), dtype=STAGE)
    for key in STAGE.names:
        stages[key] = [stage.get(key, 0) for stage in builder.stages]
    bounds = [-np.inf if bound is None else bound for bound in network.lower_bounds]
    target, size, kernel = np.array(builder.reach, dtype=np.int32).T.copy()
    tables = Tables(
        stages=stages,
        reach_target=target,
        reach_size=size,
        reach_kernel=kernel,
        **{key: np.array(table, dtype=np.int32) for key, table in builder.tables.items()},
        **{key: np.concatenate(parts) for key, parts in builder.arrays.items()},
        shapes=np.array(builder.shapes, dtype=np.int64),
        threshold=np.array(network.thresholds, np.float32),
        lower_bound=np.array(bounds, np.float32),
        input_shape=np.array(network.layers[0].input_shape, np.int64),
        capacity=np.int64(builder.capacity),
    )
    return EventNetwork(network.layers, tables)
