"""Speck's limits: what a layer asks of a core, and which core takes which layer.

Source: sinabs 3.1.3, ``sinabs.backend.dynapcnn.dynapcnn_layer.DynapcnnLayer.memory_summary`` and
its validation of Speck. A core holds a convolution, its neurons, and the pool after them. A linear
layer is a convolution whose kernel covers the whole map.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.files.tables import read_csv
from dvs_snn.networks.geometry import Layer

KI = 1024
MAX_MAP = 64
MAX_KERNEL = 16
MAX_CHANNELS = 1024
POOLS = (1, 2, 4)


@dataclass(frozen=True)
class Core:
    """A core of the chip; memories in words: a word is a weight or a neuron's potential."""

    number: int
    kernel_memory: int
    neuron_memory: int


@dataclass(frozen=True)
class Demand:
    """What a layer asks of a core.

    Attributes:
        fan_in: weights of one neuron.
        fan_out: neurons that one incoming spike reaches at most.
        kernel_memory, neuron_memory: words.
        beyond: limits that no core keeps, in words; empty if there is none.
    """

    fan_in: int
    fan_out: int
    kernel_memory: int
    neuron_memory: int
    beyond: tuple[str, ...]


def read_cores(path: Path) -> list[Core]:
    """Read the chip's cores from a table of `core`, `kernel_ki` and `neuron_ki`.

    Raises:
        StudyError: it isn't a whole table, or lacks a column.
    """
    table = read_csv(path, ("core", "kernel_ki", "neuron_ki"), sep="\t")
    return [
        Core(int(row.core), int(row.kernel_ki) * KI, int(row.neuron_ki) * KI)
        for row in table.itertuples()
    ]


def _power_of_two(number: int) -> int:
    """Return the smallest power of two that isn't below a number."""
    return 1 << (number - 1).bit_length()


def demand(layer: Layer, after: Layer | None) -> Demand:
    """Return what a layer asks of a core.

    Args:
        after: the next layer, before which the pools stand; None for the last one.
    """
    before = layer.pools[-1].output_shape if layer.pools else layer.input_shape
    channels, height, width = before if len(before) == 3 else (before[0], 1, 1)
    out, *own_map = layer.output_shape
    rows, columns = own_map or (1, 1)
    kernel = layer.kernel if layer.kind == "conv" else (height, width)
    pools = after.pools if after else ()
    pool = [int(np.prod([one.kernel[axis] for one in pools])) for axis in (0, 1)]
    is_plain = all(one.kernel == one.stride and one.padding == (0, 0) for one in pools)
    limits = {
        f"map above {MAX_MAP}x{MAX_MAP}": max(height, width, rows, columns) > MAX_MAP,
        f"kernel above {MAX_KERNEL}x{MAX_KERNEL}": max(kernel) > MAX_KERNEL,
        f"more than {MAX_CHANNELS} channels": max(channels, out) > MAX_CHANNELS,
        "pool other than 1, 2 or 4": not is_plain or not set(pool) <= set(POOLS),
    }
    return Demand(
        fan_in=channels // layer.groups * kernel[0] * kernel[1],
        fan_out=out // layer.groups * (kernel[0] * kernel[1] if layer.kind == "conv" else 1),
        kernel_memory=channels * _power_of_two(kernel[0] * kernel[1]) * _power_of_two(out),
        neuron_memory=out * _power_of_two(rows) * _power_of_two(columns),
        beyond=tuple(name for name, is_beyond in limits.items() if is_beyond),
    )


def demands(layers: Sequence[Layer]) -> list[Demand]:
    """Return what each layer of a network asks of a core."""
    return [demand(*pair) for pair in zip(layers, [*layers[1:], None], strict=True)]


def assign(asked: Sequence[Demand], cores: Sequence[Core]) -> list[Core | None]:
    """Give each layer a core of its own, as many layers as possible; None where none is left.

    Source: Hopcroft and Karp 1973, SIAM J. Comput. 2:225, as scipy has it.
    """
    # Light jobs import this module too.
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import maximum_bipartite_matching

    fits = np.array(
        [
            [
                not one.beyond
                and one.kernel_memory <= core.kernel_memory
                and one.neuron_memory <= core.neuron_memory
                for core in cores
            ]
            for one in asked
        ]
    )
    matched = maximum_bipartite_matching(csr_matrix(fits), perm_type="column")
    return [None if place < 0 else cores[place] for place in matched]


def chip_layers(layers: Sequence[Layer], cores: Sequence[Core]) -> pd.DataFrame:
    """Return a row per layer: its demand, its core, and that core's memories.

    Columns: `layer`, those of `Demand` with `beyond` as text, `core`, `kernel_limit`,
    `neuron_limit`; the last three are empty for a layer without a core.
    """
    asked = demands(layers)
    rows = []
    for layer, one, core in zip(layers, asked, assign(asked, cores), strict=True):
        given = (core.number, core.kernel_memory, core.neuron_memory) if core else (None,) * 3
        rows.append(
            {"layer": layer.name, **vars(one), "beyond": "; ".join(one.beyond)}
            | dict(zip(("core", "kernel_limit", "neuron_limit"), given, strict=True))
        )
    return pd.DataFrame(rows).astype(
        dict.fromkeys(("core", "kernel_limit", "neuron_limit"), "Int64")
    )
