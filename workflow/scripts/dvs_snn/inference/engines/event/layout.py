"""Lays a converted network of torch out in the tables of the event engine."""

from collections.abc import Sequence
from itertools import product
from math import prod

import numpy as np
import torch
from torch import nn

from dvs_snn.files.errors import StudyError
from dvs_snn.inference.engines.event.kernels import CHUNK
from dvs_snn.inference.engines.event.network import STAGE, EventNetwork
from dvs_snn.networks.architectures import describe_layers
from dvs_snn.networks.conversion import Converted
from dvs_snn.networks.geometry import INPUT_SHAPE


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

    `shape` is the shape of the map so far, (group, height, width, channel).
    """

    def __init__(self) -> None:
        channels, height, width = INPUT_SHAPE
        self.shape = (1, height, width, channels)
        self.stages: list[dict[str, int]] = []
        self.shapes: list[tuple[int, int, int, int]] = []
        names = ("reach_target", "reach_size", "reach_kernel", "reach_channel", "channel_target",
                 "channel_kernel")  # fmt: skip
        self.tables: dict[str, list[int]] = {name: [] for name in names} | {"reach_first": [0]}
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
        chunks = -(-prod(out) // CHUNK)
        _, height, width, channels = out
        groups_in, height_in, width_in, channels_in = self.shape
        (kernel, *geometry), (kernel_width, *column_geometry) = axes
        stage |= {
            "reach_at": len(self.tables["reach_first"]) - 1, "channels": channels,
            "map_at": self.n_neurons, "chunks": chunks,
        }  # fmt: skip
        rows = _reached(height_in, height, kernel, *geometry)
        columns = [
            _runs(pairs, kernel_width)
            for pairs in _reached(width_in, width, kernel_width, *column_geometry)
        ]
        for group, row_pairs, runs in product(range(groups_in), rows, columns):
            for (row, offset), (column, n, position) in product(row_pairs, runs):
                if stage["is_weighted"]:
                    self._reach(
                        (row * width + column) * channels, n * channels,
                        (offset * kernel_width + position) * channels,
                    )  # fmt: skip
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
        map_of_group = self.n_neurons + channel // ins * height * width * channels
        self.tables["channel_target"] += map_of_group.tolist()
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


def lay_out(converted: Converted) -> EventNetwork:
    """Lay out a converted network for the event engine, its first layer as it was trained.

    Raises:
        StudyError: the network has a layer that this engine doesn't know, or its neurons have a
            lower bound above zero, which would move neurons that no spike reaches.
    """

    name, lower_bound = converted.name, converted.neurons.min_v_mem

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
        for index, part in enumerate(converted.cnn):
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

    stages = np.zeros(len(builder.stages), dtype=STAGE)
    for number, stage in enumerate(builder.stages):
        for key, number_of in stage.items():
            stages[number][key] = number_of
    nothing = [np.zeros(1, np.float32)]
    bound = np.nan if lower_bound is None else lower_bound
    return EventNetwork(
        name=name,
        layers=tuple(describe_layers(name, converted.cnn)),
        stages=stages,
        **{key: np.array(table, dtype=np.int32) for key, table in builder.tables.items()},
        weights=np.concatenate(builder.weights),
        resting=np.concatenate(builder.resting),
        divisors=np.concatenate(builder.divisors or nothing),
        shapes=np.array(builder.shapes, dtype=np.int64),
        threshold=np.float32(converted.neurons.spike_threshold),
        lower_bound=np.float32(bound),
    )
