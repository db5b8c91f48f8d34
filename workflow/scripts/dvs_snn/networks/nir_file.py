"""Networks in NIR files: ours, which we write, and anybody's, which we read.

NIR (Neuromorphic Intermediate Representation, Pedersen et al. 2024, Nat. Commun. 15:8122) has
integrate-and-fire neurons, but no lower bound of their potential. It stands in the metadata of our
neurons, as `min_v_mem`, and the potential at the start, as `initial_v_mem`.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any

import h5py
import nir
import numpy as np

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.networks.geometry import Layer, Pool, output_size
from dvs_snn.networks.spiking import SpikingNetwork

MAX_BYTES = 100 * 10**6
MAX_NEURONS = 2**21
"""Of all maps: two polarities of 1280x720 pixels are the most that an input may have."""

TAKEN = "Input", "Conv2d", "Linear", "Affine", "IF", "SumPool2d", "AvgPool2d", "Flatten", "Output"
NO_LEAK = "train with neurons without a leak (IF)"
SPIKING_END = "let the outputs spike (IF); the class with most spikes is read"
INSTEAD = {
    "LIF": NO_LEAK,
    "CubaLIF": NO_LEAK,
    "LI": SPIKING_END,
    "I": SPIKING_END,
    "Scale": "multiply the weights before it",
    "Conv1d": "write it as Conv2d",
}
"""What would do in place of a node; for others a network without them."""


def write_nir(network: SpikingNetwork, path: Path) -> None:
    """Write a network as a NIR file; nodes are named after its layers.

    We build the graph ourselves: sinabs' `to_nir` leaves the shapes out, and `nir.write` can't
    write a shape that is None (nir 1.0.4 with h5py 3.16).
    """
    nodes = {"input": nir.Input(input_type=np.array(network.layers[0].input_shape))}
    for layer, weight, bias, threshold, bound in zip(
        network.layers, network.weights, network.biases, network.thresholds,
        network.lower_bounds, strict=True,
    ):  # fmt: skip
        before = layer.pools[-1].output_shape if layer.pools else layer.input_shape
        for number, pool in enumerate(layer.pools, start=1):
            kind = nir.SumPool2d if pool.divisor == 1 else nir.AvgPool2d
            geometry = map(np.array, (pool.kernel, pool.stride, pool.padding))
            nodes[f"{layer.name}_pool{number}"] = kind(*geometry)
        if layer.kind == "linear" and len(before) > 1:
            nodes[f"{layer.name}_flatten"] = nir.Flatten(
                start_dim=0, end_dim=-1, input_type={"input": np.array(before)}
            )
        bias = np.zeros(len(weight), np.float32) if bias is None else bias
        nodes[layer.name] = nir.Affine(weight, bias)
        if layer.kind == "conv":
            nodes[layer.name] = nir.Conv2d(
                before[1:], weight, layer.stride, layer.padding, layer.dilation, layer.groups, bias
            )
        rest = np.ones(layer.output_shape, np.float32)
        about = {"initial_v_mem": network.initial}
        about["min_v_mem"] = -np.inf if bound is None else bound
        nodes[f"{layer.name}_neurons"] = nir.IF(rest, threshold * rest, metadata=about)
    nodes["output"] = nir.Output(output_type=np.array(network.layers[-1].output_shape))
    with replacing(path) as temporary:
        nir.write(temporary, nir.NIRGraph(nodes=nodes, edges=list(pairwise(nodes))))


class _Unfit(Exception):
    """What of a node can't run, as the end of a sentence that names the node."""


def read_nir(path: Path, lower_bound: float | None) -> SpikingNetwork:
    """Read a network from a file that may come from anyone; StudyError says what can't run.

    `lower_bound` is that of neurons whose metadata tell none. A resistance multiplies the weights.
    """
    nodes, edges = _content(path)
    walk = _Walk(lower_bound)
    for name in _chain(path, nodes, edges):
        kind = nodes[name].pop("type")
        try:
            if kind not in TAKEN:
                instead = INSTEAD.get(kind, "write the network without it")
                raise _Unfit(f"can't run, expected {', '.join(TAKEN)}; {instead}.")
            if not np.any(nodes[name].get("v_reset", 0)):
                nodes[name].pop("v_reset", None)  # newer writers add it
            walk.take(nir.dict2NIRNode({"type": kind, **nodes[name]}))
        # Fields of another kind may raise anything.
        except Exception as error:
            damage = f"has other fields than those of nir {nir.version} ({reason_of(error)})"
            what = error if isinstance(error, _Unfit) else f"{damage}; write it with nir.write."
            raise StudyError(f"{path}: node {_quoted(name)} ({_quoted(kind)}) {what}") from error
    fields = zip(*walk.done, strict=True)
    layers, weights, thresholds, bounds, (initial, *_) = fields
    no_bias = (None,) * len(layers)
    return SpikingNetwork(path.stem, layers, weights, no_bias, thresholds, bounds, initial)


def _content(path: Path) -> tuple[dict[str, dict[str, Any]], list[tuple[str, str]]]:
    """Return the fields of each node, by name, and the edges; follow no link."""
    left = MAX_BYTES

    def fields_of(group: h5py.Group) -> dict[str, Any]:
        nonlocal left
        fields: dict[str, Any] = {}
        for name in group:
            # A link may lead to any file of the machine.
            is_here = isinstance(group.get(name, getlink=True), h5py.HardLink)
            place = group[name] if is_here else None
            is_data = isinstance(place, h5py.Dataset)
            if not is_here or (is_data and (place.is_virtual or place.external)):
                raise ValueError(f"{name} lies in another file or is a link")
            left -= 100 + (place.nbytes if is_data else 0)
            if left < 0:
                raise ValueError(f"it unpacks to more than {MAX_BYTES / 1e6:.0f} MB")
            value = place[()] if is_data else fields_of(place)
            fields[name] = value.decode() if isinstance(value, bytes) else value
        return fields

    try:
        with h5py.File(path, "r", locking=False) as file:
            graph = fields_of(file["node"])
        nodes = {name: {"type": "", **fields} for name, fields in graph["nodes"].items()}
        return nodes, [(a.decode(), b.decode()) for a, b in graph["edges"]]
    # Damaged bytes may raise anything.
    except Exception as error:
        raise StudyError(
            f"{path}: can't be read as a NIR graph ({reason_of(error)}), expected one file "
            "as the package nir writes it; write it with nir.write('network.nir', graph)."
        ) from error


def _chain(
    path: Path, nodes: Mapping[str, Mapping[str, Any]], edges: Sequence[tuple[str, str]]
) -> list[str]:
    """Return the names of the nodes in the order of the edges."""
    ahead, behind = dict(edges), {after: before for before, after in edges}
    order = [name for name, fields in nodes.items() if fields["type"] == "Input"][:1]
    while order and ahead.get(order[-1]) in nodes and len(order) <= len(nodes):
        order.append(ahead[order[-1]])
    is_chain = len(ahead) == len(behind) == len(edges) == len(nodes) - 1
    if not is_chain or sorted(order) != sorted(nodes) or nodes[order[-1]]["type"] != "Output":
        raise StudyError(
            f"{path}: its {len(edges)} edges don't lead through its {len(nodes)} nodes one after "
            "the other, expected a chain from one Input to one Output, without branches and loops; "
            "export a feedforward network."
        )
    return order


def _quoted(name: str) -> str:
    return ascii(str(name))[1:-1][:80]


class _Walk:
    """Takes the nodes of a chain in turn; `shape` is of the maps so far, `before` of the spikes.

    `done` holds each layer with its weights, threshold, lower bound and initial potential.
    """

    def __init__(self, lower_bound: float | None) -> None:
        self.lower_bound = lower_bound
        self.shape: tuple[int, ...] = ()
        self.before: tuple[int, ...] = ()
        self.is_flat = False
        self.n_neurons = 0
        self.pools: list[Pool] = []
        self.pending: tuple[Layer, np.ndarray] | None = None
        self.done: list[tuple[Layer, np.ndarray, float, float | None, float]] = []

    def take(self, node: nir.NIRNode) -> None:
        """Take the next node; `_Unfit` if it can't run there."""
        if isinstance(node, nir.IF) != (self.pending is not None):
            raise _Unfit("breaks the order, expected neurons (IF) just behind weights; move it.")
        match node:
            case nir.Input():
                self._begin(tuple(map(int, node.input_type["input"])))
            case nir.Conv2d() | nir.Linear() | nir.Affine():
                self._connect(node)
            case nir.SumPool2d() | nir.AvgPool2d():
                kernel, stride, padding, _ = self._window(node, node.kernel_size)
                sizes = map(output_size, self.shape[1:], kernel, stride, padding)
                self._reach((self.shape[0], *sizes))
                divisor = 1 if isinstance(node, nir.SumPool2d) else prod(kernel)
                self.pools.append(Pool(kernel, stride, padding, self.shape, divisor))
            case nir.Flatten():
                if int(node.start_dim) not in (0, 1):  # 1 where the writer counts the batch
                    raise _Unfit("keeps some dimensions apart; flatten all of them.")
                self.is_flat = True
            case nir.IF():
                self._fire(node)
            case nir.Output():
                if not self.done or self.pools or prod(self.shape) != self.shape[0]:
                    what = f"is given {self.shape}, expected neurons (IF), one a class"
                    raise _Unfit(f"{what}; end the network with them.")

    def _begin(self, shape: tuple[int, ...]) -> None:
        shape = shape[1:] if len(shape) == 4 and shape[0] == 1 else shape  # a batch of one
        if len(shape) != 3 or shape[0] not in (1, 2):
            expected = "expected (1 or 2 polarities, rows, columns) of events"
            raise _Unfit(f"has shape {shape}, {expected}; write the network with such an input.")
        self._reach(shape)
        self.before = shape

    def _reach(self, shape: tuple[int, ...]) -> None:
        """Go on with maps of a `shape`."""
        self.n_neurons += prod(shape)
        if min(shape) < 1 or self.n_neurons > MAX_NEURONS:
            limit = f"expected some neurons, and up to {MAX_NEURONS} in all"
            raise _Unfit(f"gives maps of {shape}, {limit}; take a smaller network or kernel.")
        self.shape = shape

    def _window(self, node: nir.NIRNode, kernel: Any) -> list[tuple[int, int]]:
        """Return the kernel, stride, padding and dilation of a node, (height, width) each."""
        if len(self.shape) != 3 or self.is_flat:
            raise _Unfit(f"takes maps, but is given {self.shape} neurons; move it forward.")
        dilation, padding = getattr(node, "dilation", 1), node.padding
        if isinstance(padding, str):
            reach = np.multiply(np.subtract(kernel, 1), dilation) * (padding == "same")
            if np.any(reach % 2) or (padding == "same" and np.any(np.not_equal(node.stride, 1))):
                raise _Unfit("pads unevenly ('same'); write its padding as numbers.")
            padding = reach // 2
        pairs = [np.broadcast_to(each, 2) for each in (kernel, node.stride, padding, dilation)]
        if np.min(pairs) < 0 or np.min(pairs[1]) < 1:
            raise _Unfit("has a stride or padding below its least value; correct it.")
        return [(int(pair[0]), int(pair[1])) for pair in pairs]

    def _connect(self, node: nir.Conv2d | nir.Linear | nir.Affine) -> None:
        """Take weights: `pending` until their neurons come."""
        weight, groups = np.asarray(node.weight, np.float32), int(getattr(node, "groups", 1))
        if np.any(getattr(node, "bias", 0)):
            what = "has biases, expected zeros: without a clock nothing adds up between events"
            raise _Unfit(f"{what}; train without biases.")
        if not np.isfinite(weight).all():
            raise _Unfit("has weights that are NaN or infinite; train it again.")
        is_conv, geometry, sizes = isinstance(node, nir.Conv2d), {}, []
        if is_conv:
            window = self._window(node, weight.shape[2:])
            sizes = map(output_size, self.shape[1:], *window)
            names = "kernel", "stride", "padding", "dilation"
            geometry = dict(zip(names, window, strict=True)) | {"groups": groups}
        n_in = self.shape[0] if is_conv or not self.is_flat else prod(self.shape)
        is_given_maps = not is_conv and not self.is_flat and len(self.shape) > 1
        if is_given_maps or weight.shape[1] * groups != n_in or len(weight) % groups:
            what = f"has weights {weight.shape} in {groups} groups, but is given {self.shape}"
            raise _Unfit(f"{what}; check the shapes, and put a Flatten before a Linear or Affine.")
        shape = (len(weight), *sizes)
        self._reach(shape)
        kind = "conv" if is_conv else "linear"
        number = 1 + sum(layer.kind == kind for layer, *_ in self.done)
        about = self.before, shape, tuple(self.pools), weight.size, weight.size * prod(shape[1:])
        name = f"{'conv' if is_conv else 'fc'}{number}"
        self.pending = Layer(name, kind, *about, **geometry), weight

    def _fire(self, node: nir.IF) -> None:
        values = [np.unique(value) for value in (node.v_threshold, node.r)]
        if not all(len(value) == 1 and 0 < value[0] < np.inf for value in values):
            what = "has thresholds or resistances that differ, or none above zero"
            raise _Unfit(f"{what}, expected the same of a layer; scale the weights instead.")
        bound = node.metadata.get("min_v_mem", self.lower_bound)
        bound = None if bound is None or bound == -np.inf else float(bound)
        initial = float(node.metadata.get("initial_v_mem", 0.0))
        if np.size(node.v_threshold) not in (1, prod(self.shape)):
            raise _Unfit(f"has {np.size(node.v_threshold)} neurons, expected {self.shape}.")
        begins = {initial, *(each[-1] for each in self.done)}
        if len(begins) > 1 or not 0 <= initial < 1 or not (bound is None or bound < 0):
            what = f"has initial_v_mem {begins} and min_v_mem {bound} in its metadata"
            raise _Unfit(f"{what}, expected one from 0 to 1 for all, and one below 0; correct it.")
        layer, weight = self.pending
        threshold, resistance = (float(value[0]) for value in values)
        self.done.append((layer, weight * np.float32(resistance), threshold, bound, initial))
        self.pending, self.pools, self.before, self.is_flat = None, [], self.shape, False
