"""Networks in NIR files: ours, which we write, and anybody's, which we read.

NIR (Neuromorphic Intermediate Representation, Pedersen et al. 2024, Nat. Commun. 15:8122) has
integrate-and-fire neurons, but no lower bound of their potential. It stands in the metadata of our
neurons, as `min_v_mem`, and the potential at the start, as `initial_v_mem`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any

import h5py
import nir
import numpy as np
from nir.serialization import hdf2dict

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.networks.geometry import Layer, Pool, output_size
from dvs_snn.networks.spiking import SpikingNetwork, save_spiking

MAX_BYTES = 100 * 10**6
MAX_NEURONS = 2**21
"""Of all maps: two polarities of 1280x720 pixels are the most that an input may have."""

TAKEN = "Input", "Conv2d", "Linear", "Affine", "IF", "SumPool2d", "AvgPool2d", "Flatten", "Output"
INSTEAD = {
    **dict.fromkeys(("LIF", "CubaLIF"), "train with neurons without a leak (IF)"),
    **dict.fromkeys(("LI", "I"), "let the outputs spike (IF); the class with most spikes is read"),
}
"""What would do in place of a node; for others a network without them."""


def write_nir(network: SpikingNetwork, path: Path) -> None:
    """Write a network as a NIR file; nodes are named after its layers.

    We build the graph ourselves: sinabs' `to_nir` leaves the shapes out, and `nir.write` can't
    write a shape that is None (nir 1.0.4 with h5py 3.16).
    """
    nodes = {"input": nir.Input(input_type=np.array(network.layers[0].input_shape))}
    for layer, weight, bias, threshold, bound in network.parts:
        before = layer.pools[-1].output_shape if layer.pools else layer.input_shape
        for number, pool in enumerate(layer.pools, start=1):
            kind = nir.SumPool2d if pool.divisor == 1 else nir.AvgPool2d
            geometry = map(np.array, (pool.kernel, pool.stride, pool.padding))
            nodes[f"{layer.name}_pool{number}"] = kind(*geometry)
        if layer.kind == "linear" and len(before) > 1:
            flatten = nir.Flatten({"input": np.array(before)}, start_dim=0)
            nodes[f"{layer.name}_flatten"] = flatten
        bias = np.zeros(len(weight), np.float32) if bias is None else bias
        nodes[layer.name] = nir.Affine(weight, bias)
        if layer.kind == "conv":
            geometry = layer.stride, layer.padding, layer.dilation, layer.groups
            nodes[layer.name] = nir.Conv2d(before[1:], weight, *geometry, bias)
        rest = np.ones(layer.output_shape, np.float32)
        bound = -np.inf if bound is None else bound
        about = {"min_v_mem": bound, "initial_v_mem": network.initial}
        nodes[f"{layer.name}_neurons"] = nir.IF(rest, threshold * rest, metadata=about)
    nodes["output"] = nir.Output(output_type=np.array(network.layers[-1].output_shape))
    with replacing(path) as temporary:
        nir.write(temporary, nir.NIRGraph(nodes=nodes, edges=list(pairwise(nodes))))


def _expect(fits: bool, what: str) -> None:
    """Raise StudyError unless a node fits: the end of a sentence that names it."""
    if not fits:
        raise StudyError(what)


def read_nir(path: Path, lower_bound: float | None) -> SpikingNetwork:
    """Read a network from a file that may come from anyone; StudyError says what can't run.

    `lower_bound` is that of neurons whose metadata tell none. A resistance multiplies the weights.
    """
    nodes, edges = _content(path)
    walk = _Walk(lower_bound)
    for name in _chain(path, nodes, edges):
        fields, kind = nodes[name], str(nodes[name]["type"])
        try:
            instead = INSTEAD.get(kind, "write the network without it")
            _expect(kind in TAKEN, f"can't run, expected {', '.join(TAKEN)}; {instead}.")
            if not np.any(fields.get("v_reset", 0)):
                fields.pop("v_reset", None)  # newer writers add it
            walk.take(nir.dict2NIRNode(fields))
        # Fields of another kind may raise anything.
        except Exception as error:
            damage = f"has other fields than those of nir {nir.version} ({reason_of(error)})"
            what = error if isinstance(error, StudyError) else f"{damage}; write it with nir.write."
            raise StudyError(f"{path}: node {name!a:.80} ({kind!a}) {what}") from error
    return SpikingNetwork(path.stem, *zip(*walk.done, strict=True), walk.initial or 0.0)


def take_guest(
    given: Path,
    variant: str,
    min_v_mem: float | None,
    usual_min_v_mem: float | None,
    classes: list[str],
    network: Path,
) -> None:
    """Store the network of a NIR file; StudyError if it can't run, or misses one of the `classes`.

    `min_v_mem` is the lower bound of its potentials; None: what the file says, or the usual one.
    """
    guest = read_nir(given, usual_min_v_mem)
    n_outputs = prod(guest.layers[-1].output_shape)
    if n_outputs != len(classes):
        raise StudyError(
            f"{given}: its network has {n_outputs} outputs, expected {len(classes)}, one for each "
            f"of data.classes; leave variants.{variant} out, or take recordings of its classes."
        )
    save_spiking(guest if min_v_mem is None else guest.bounded(min_v_mem), network)


def _content(path: Path) -> tuple[dict[str, dict[str, Any]], list[tuple[str, str]]]:
    """Return the fields of each node, by name, and the edges."""
    sizes: list[int] = []
    try:
        with h5py.File(path, "r", locking=False) as file:
            file.visititems(lambda _, item: sizes.append(getattr(item, "nbytes", 0)))
            if sum(sizes) > MAX_BYTES:
                raise ValueError(f"it unpacks to more than {MAX_BYTES / 1e6:.0f} MB")
            graph = hdf2dict(file["node"])
        nodes = {name: {"type": "", **fields} for name, fields in graph["nodes"].items()}
        return nodes, [(a.decode(), b.decode()) for a, b in graph["edges"]]
    # Damaged bytes may raise anything.
    except Exception as error:
        raise StudyError(
            f"{path}: can't be read as a NIR graph ({reason_of(error)}), expected one as the "
            "package nir writes it; write it with nir.write('network.nir', graph)."
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


@dataclass
class _Walk:
    """Takes the nodes of a chain in turn; `shape` is of the maps so far, `before` of the spikes.

    `done` holds the `SpikingNetwork.parts`.
    """

    lower_bound: float | None
    shape: tuple[int, ...] = ()
    before: tuple[int, ...] = ()
    n_neurons: int = 0
    pools: tuple[Pool, ...] = ()
    pending: tuple[Layer, np.ndarray] | None = None
    initial: float | None = None
    done: tuple[tuple[Layer, np.ndarray, None, float, float | None], ...] = ()

    def take(self, node: nir.NIRNode) -> None:
        """Take the next node; StudyError if it can't run there."""
        is_next = isinstance(node, nir.IF) == (self.pending is not None)
        _expect(is_next, "breaks the order, expected neurons (IF) just behind weights; move it.")
        match node:
            case nir.Input():
                shape = tuple(map(int, node.input_type["input"]))
                shape = shape[1:] if len(shape) == 4 and shape[0] == 1 else shape  # a batch of one
                what = f"has shape {shape}, expected (1 or 2 polarities, rows, columns)"
                fits = len(shape) == 3 and shape[0] in (1, 2)
                _expect(fits, f"{what}; write the network with such an input.")
                self._go_on(shape)
                self.before = shape
            case nir.Conv2d() | nir.Linear() | nir.Affine():
                self._connect(node)
            case nir.SumPool2d() | nir.AvgPool2d():
                kernel, stride, padding, _ = self._window(node, node.kernel_size)
                sizes = map(output_size, self.shape[1:], kernel, stride, padding)
                self._go_on((self.shape[0], *sizes))
                divisor = 1 if isinstance(node, nir.SumPool2d) else prod(kernel)
                self.pools += (Pool(kernel, stride, padding, self.shape, divisor),)
            case nir.Flatten():
                self.shape = (prod(self.shape),)
            case nir.IF():
                self._fire(node)
            case nir.Output():
                fits = self.done and not self.pools and prod(self.shape) == self.shape[0]
                what = f"is given {self.shape}, expected neurons (IF), one a class"
                _expect(fits, f"{what}; end the network with them.")

    def _go_on(self, shape: tuple[int, ...]) -> None:
        """Go on with maps of a `shape`."""
        self.shape = shape
        self.n_neurons += prod(shape)
        limit = f"expected some neurons, and up to {MAX_NEURONS} in all"
        fits = min(shape) > 0 and self.n_neurons <= MAX_NEURONS
        _expect(fits, f"gives maps of {shape}, {limit}; take a smaller network or kernel.")

    def _window(self, node: nir.NIRNode, kernel: Any) -> list[tuple[int, int]]:
        """Return the kernel, stride, padding and dilation of a node, (height, width) each."""
        is_map = len(self.shape) == 3
        _expect(is_map, f"takes maps, but is given {self.shape} neurons; move it forward.")
        dilation, padding = getattr(node, "dilation", 1), node.padding
        if isinstance(padding, str):
            reach = np.multiply(np.subtract(kernel, 1), dilation) * (padding == "same")
            is_uneven = np.any(reach % 2) or np.any(reach * np.subtract(node.stride, 1))
            _expect(not is_uneven, "pads unevenly ('same'); write its padding as numbers.")
            padding = reach // 2
        of_axes = (kernel, node.stride, padding, dilation)
        return [tuple(np.broadcast_to(each, 2).astype(int).tolist()) for each in of_axes]

    def _connect(self, node: nir.Conv2d | nir.Linear | nir.Affine) -> None:
        """Take weights: `pending` until their neurons come."""
        weight, groups = np.asarray(node.weight, np.float32), int(getattr(node, "groups", 1))
        what = "has biases, expected zeros: without a clock nothing adds up between events"
        _expect(not np.any(getattr(node, "bias", 0)), f"{what}; train without biases.")
        _expect(np.isfinite(weight).all(), "has weights that are NaN or infinite; train it again.")
        is_conv = isinstance(node, nir.Conv2d)
        window = self._window(node, weight.shape[2:]) if is_conv else []
        sizes = map(output_size, self.shape[1:], *window) if is_conv else ()
        fits = weight.shape[1] * groups == self.shape[0] and len(weight) % groups == 0
        what = f"has weights {weight.shape} in {groups} groups, but is given {self.shape}"
        advice = "check the shapes, and put a Flatten before a Linear or Affine"
        _expect(fits and len(self.shape) == (3 if is_conv else 1), f"{what}; {advice}.")
        self._go_on((len(weight), *sizes))
        kind, name = ("conv", "conv") if is_conv else ("linear", "fc")
        name += str(1 + sum(layer.kind == kind for layer, *_ in self.done))
        about = self.pools, weight.size, weight.size * prod(self.shape[1:])
        layer = Layer(name, kind, self.before, self.shape, *about, *window, groups=groups)
        self.pending, self.pools, self.before = (layer, weight), (), self.shape

    def _fire(self, node: nir.IF) -> None:
        """Take the neurons of the weights that are `pending`."""
        values = [np.unique(value) for value in (node.v_threshold, node.r)]
        what = "has thresholds or resistances that differ, or none above zero"
        fits = all(len(value) == 1 and 0 < value[0] < np.inf for value in values)
        _expect(fits, f"{what}, expected the same of a layer; scale the weights instead.")
        n = np.size(node.v_threshold)
        _expect(n in (1, prod(self.shape)), f"has {n} neurons, expected {self.shape}.")
        about = {"min_v_mem": self.lower_bound, "initial_v_mem": 0.0, **node.metadata}
        initial, bound = float(about["initial_v_mem"]), about["min_v_mem"]
        bound = None if bound is None or bound == -np.inf else float(bound)
        fits = self.initial in (None, initial) and 0 <= initial < 1 and (bound is None or bound < 0)
        what = f"has initial_v_mem {initial} and min_v_mem {bound} in its metadata"
        _expect(fits, f"{what}, expected one from 0 to 1 for all, and one below 0; correct it.")
        (layer, weight), (threshold, resistance) = self.pending, (float(v[0]) for v in values)
        self.done += ((layer, weight * np.float32(resistance), None, threshold, bound),)
        self.pending, self.initial = None, initial
