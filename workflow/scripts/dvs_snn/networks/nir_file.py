"""Networks in NIR files: ours, which we write, and anybody's, which we read.

NIR (Neuromorphic Intermediate Representation, Pedersen et al. 2024, Nat. Commun. 15:8122) has
integrate-and-fire neurons, but no lower bound of their potential. It stands in the metadata of our
neurons, as `min_v_mem`, and the potential at the start, as `initial_v_mem`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
from dvs_snn.networks.geometry import Layer, Pool, Window
from dvs_snn.networks.spiking import SpikingLayer, SpikingNetwork, save_spiking

TAKEN = ("Input", "Conv2d", "Linear", "Affine", "IF", "SumPool2d", "AvgPool2d", "Flatten", "Output")


def write_nir(network: SpikingNetwork, path: Path) -> None:
    """Write a network as a NIR file; nodes are named after its layers.

    We build the graph ourselves: sinabs' `to_nir` leaves the shapes out, and `nir.write` can't
    write a shape that is None (nir 1.0.4 with h5py 3.16).
    """
    nodes: dict[str, nir.NIRNode] = {
        "input": nir.Input(input_type=np.array(network.layers[0].input_shape))
    }
    for layer, weight, bias, threshold, bound in network.parts:
        before = layer.pools[-1].output_shape if layer.pools else layer.input_shape
        for number, pool in enumerate(layer.pools, start=1):
            kind = nir.SumPool2d if pool.divisor == 1 else nir.AvgPool2d
            nodes[f"{layer.name}_pool{number}"] = kind(
                np.array(pool.kernel), np.array(pool.stride), np.array(pool.padding)
            )
        bias = np.zeros(len(weight), np.float32) if bias is None else bias
        if layer.kind == "conv":
            nodes[layer.name] = nir.Conv2d(
                before[1:],
                weight,
                layer.stride,
                layer.padding,
                layer.dilation,
                layer.groups,
                bias,
            )
        else:
            if len(before) > 1:
                flatten = nir.Flatten({"input": np.array(before)}, start_dim=0)
                nodes[f"{layer.name}_flatten"] = flatten
            nodes[layer.name] = nir.Affine(weight, bias)
        rest = np.ones(layer.output_shape, np.float32)
        potentials = {
            "min_v_mem": -np.inf if bound is None else bound,
            "initial_v_mem": network.initial,
        }
        nodes[f"{layer.name}_neurons"] = nir.IF(rest, threshold * rest, metadata=potentials)
    nodes["output"] = nir.Output(output_type=np.array(network.layers[-1].output_shape))
    with replacing(path) as temporary:
        nir.write(temporary, nir.NIRGraph(nodes=nodes, edges=list(pairwise(nodes))))


def read_nir(path: Path, lower_bound: float | None) -> SpikingNetwork:
    """Read a network from a file that may come from anyone; StudyError says what can't run.

    `lower_bound` is that of neurons whose metadata tell none. A resistance multiplies the weights.
    """
    nodes, edges = _content(path)
    walk = _Walk(lower_bound)
    for name in _chain(path, nodes, edges):
        fields = nodes[name]
        kind = str(fields["type"])
        try:
            _expect(
                kind in TAKEN,
                f"can't run, expected {', '.join(TAKEN)}; train with neurons without a leak (IF), "
                "let the outputs spike, and write the network without other nodes.",
            )
            if not np.any(fields.get("v_reset", 0)):
                fields.pop("v_reset", None)  # newer writers add it
            walk.take(nir.dict2NIRNode(fields))
        except StudyError as error:
            raise StudyError(f"{path}: node {name!a:.80} ({kind!a}) {error}") from error
        # Fields of another kind may raise anything.
        except Exception as error:
            raise StudyError(
                f"{path}: node {name!a:.80} ({kind!a}) has other fields than those of nir "
                f"{nir.version} ({reason_of(error)}); write it with nir.write."
            ) from error
    return SpikingNetwork(path.stem, tuple(walk.done), walk.initial or 0.0)


@dataclass(frozen=True)
class GuestJob:
    """What the rule `take_guest` gives.

    Attributes:
        given: the user's NIR file.
        min_v_mem: lower bound of all potentials; None: what the file says, or the usual one.
        usual_min_v_mem: of neurons of which the file says none; None: no bound.
        network: where the spiking network is stored.
    """

    given: Path
    variant: str
    min_v_mem: float | None
    usual_min_v_mem: float | None
    classes: list[str]
    network: Path


def take_guest(job: GuestJob) -> None:
    """Store the network of a NIR file; StudyError if it can't run or lacks an output a class."""
    guest = read_nir(job.given, job.usual_min_v_mem)
    n_outputs = prod(guest.layers[-1].output_shape)
    if n_outputs != len(job.classes):
        raise StudyError(
            f"{job.given}: its network has {n_outputs} outputs, expected {len(job.classes)}, one "
            f"for each of data.classes; leave variants.{job.variant} out, or take recordings of "
            "its classes."
        )
    bounded = guest if job.min_v_mem is None else guest.bounded(job.min_v_mem)
    save_spiking(bounded, job.network)


def _content(path: Path) -> tuple[dict[str, dict[str, Any]], list[tuple[str, str]]]:
    """Return the fields of each node, by name, and the edges."""
    try:
        with h5py.File(path, "r", locking=False) as file:
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
    following = dict(edges)
    order = [name for name, fields in nodes.items() if fields["type"] == "Input"][:1]
    # A loop ends at the number of nodes.
    while order and following.get(order[-1]) in nodes and len(order) <= len(nodes):
        order.append(following[order[-1]])
    is_chain = len(edges) == len(nodes) - 1 and sorted(order) == sorted(nodes)
    if not is_chain or nodes[order[-1]]["type"] != "Output":
        raise StudyError(
            f"{path}: its {len(edges)} edges don't lead through its {len(nodes)} nodes one after "
            "the other, expected a chain from one Input to one Output, without branches and loops; "
            "export a feedforward network."
        )
    return order


def _expect(fits: object, what: str) -> None:
    """Raise StudyError unless a node fits; `what` ends a sentence that names the node."""
    if not fits:
        raise StudyError(what)


def _pair(value: Any) -> tuple[int, int]:
    """Return a number, or a pair of numbers, as (height, width)."""
    height, width = np.broadcast_to(value, 2).astype(int).tolist()
    return height, width


@dataclass
class _Walk:
    """Takes the nodes of a chain in turn.

    Attributes:
        lower_bound: of neurons whose metadata tell none.
        shape: of the maps so far.
        before: of the spikes that reach the next weights, before their pools.
        pools: those between these spikes and the maps.
        pending: weights whose neurons haven't come yet.
        initial: potential of the neurons at the start; None: no neurons yet.
    """

    lower_bound: float | None
    shape: tuple[int, ...] = ()
    before: tuple[int, ...] = ()
    pools: tuple[Pool, ...] = ()
    pending: tuple[Layer, np.ndarray] | None = None
    initial: float | None = None
    done: list[SpikingLayer] = field(default_factory=list)

    def take(self, node: nir.NIRNode) -> None:
        """Take the next node; StudyError if it can't run there."""
        is_next = isinstance(node, nir.IF) == (self.pending is not None)
        _expect(is_next, "breaks the order, expected neurons (IF) just behind weights; move it.")
        match node:
            case nir.Input():
                self._enter(tuple(map(int, node.input_type["input"])))
            case nir.Conv2d():
                self._convolve(node)
            case nir.Linear() | nir.Affine():
                self._connect(node)
            case nir.SumPool2d() | nir.AvgPool2d():
                self._pool(node)
            case nir.Flatten():
                self.shape = (prod(self.shape),)
            case nir.IF():
                self._fire(node)
            case nir.Output():
                _expect(
                    self.done and not self.pools and prod(self.shape) == self.shape[0],
                    f"is given {self.shape}, expected neurons (IF), one a class; end the network "
                    "with them.",
                )

    def _go_on(self, shape: tuple[int, ...]) -> None:
        """Go on with maps of a `shape`."""
        _expect(
            min(shape) > 0,
            f"gives maps of {shape}, expected some neurons; take a smaller kernel.",
        )
        self.shape = shape

    def _enter(self, shape: tuple[int, ...]) -> None:
        if len(shape) == 4 and shape[0] == 1:
            shape = shape[1:]  # a batch of one
        _expect(
            len(shape) == 3 and shape[0] in (1, 2),
            f"has shape {shape}, expected (1 or 2 polarities, rows, columns); write the network "
            "with such an input.",
        )
        self._go_on(shape)
        self.before = shape

    def _slide(
        self,
        channels: int,
        kernel: tuple[int, int],
        stride: tuple[int, int],
        padding: tuple[int, int],
        dilation: tuple[int, int] = (1, 1),
    ) -> tuple[int, int, int]:
        """Go on with the maps that a moving kernel gives, and return their shape."""
        _expect(
            len(self.shape) == 3,
            f"takes maps, but is given {self.shape} neurons; move it forward.",
        )
        height, width = (
            Window(kernel[axis], stride[axis], padding[axis], dilation[axis]).output_size(size)
            for axis, size in enumerate(self.shape[1:])
        )
        self._go_on((channels, height, width))
        return channels, height, width

    def _pool(self, node: nir.SumPool2d | nir.AvgPool2d) -> None:
        kernel = _pair(node.kernel_size)
        stride = _pair(node.stride)
        padding = _pair(node.padding)
        shape = self._slide(self.shape[0], kernel, stride, padding)
        divisor = 1 if isinstance(node, nir.SumPool2d) else prod(kernel)
        self.pools += (Pool(kernel, stride, padding, shape, divisor),)

    def _weights(self, node: nir.Conv2d | nir.Linear | nir.Affine, groups: int) -> np.ndarray:
        """Return the weights of a node that fit its input."""
        weight = np.asarray(node.weight, np.float32)
        _expect(
            not np.any(getattr(node, "bias", 0)),
            "has biases, expected zeros: without a clock nothing adds up between events; train "
            "without biases.",
        )
        _expect(np.isfinite(weight).all(), "has weights that are NaN or infinite; train it again.")
        n_dimensions = 3 if isinstance(node, nir.Conv2d) else 1
        fits = weight.shape[1] * groups == self.shape[0] and len(weight) % groups == 0
        _expect(
            fits and len(self.shape) == n_dimensions,
            f"has weights {weight.shape} in {groups} groups, but is given {self.shape}; check the "
            "shapes, and put a Flatten before a Linear or Affine.",
        )
        return weight

    def _convolve(self, node: nir.Conv2d) -> None:
        groups = int(node.groups)
        weight = self._weights(node, groups)
        height, width = weight.shape[2:]
        kernel = (height, width)
        stride = _pair(node.stride)
        dilation = _pair(node.dilation)
        padding = node.padding
        if isinstance(padding, str):
            # torch pads by half of the kernel's reach, and unevenly if it is odd.
            reach = (np.array(kernel) - 1) * dilation * (padding == "same")
            is_uneven = np.any(reach % 2) or np.any(reach * np.subtract(stride, 1))
            _expect(not is_uneven, "pads unevenly ('same'); write its padding as numbers.")
            padding = reach // 2
        padding = _pair(padding)
        shape = self._slide(len(weight), kernel, stride, padding, dilation)
        self._await(
            Layer(
                self._name("conv"),
                "conv",
                self.before,
                shape,
                self.pools,
                weight.size,
                weight.size * prod(shape[1:]),
                kernel,
                stride,
                padding,
                dilation,
                groups,
            ),
            weight,
        )

    def _connect(self, node: nir.Linear | nir.Affine) -> None:
        weight = self._weights(node, groups=1)
        shape = (len(weight),)
        self._go_on(shape)
        name = self._name("fc")
        layer = Layer(name, "linear", self.before, shape, self.pools, weight.size, weight.size)
        self._await(layer, weight)

    def _name(self, kind: str) -> str:
        return f"{kind}{1 + sum(part.layer.name.startswith(kind) for part in self.done)}"

    def _await(self, layer: Layer, weight: np.ndarray) -> None:
        """Keep weights until their neurons come."""
        self.pending = (layer, weight)
        self.pools = ()
        self.before = self.shape

    def _fire(self, node: nir.IF) -> None:
        """Take the neurons of the weights that are `pending`."""
        thresholds = np.unique(node.v_threshold)
        resistances = np.unique(node.r)
        _expect(
            len(thresholds) == len(resistances) == 1
            and 0 < thresholds[0] < np.inf
            and 0 < resistances[0] < np.inf,
            "has thresholds or resistances that differ, or none above zero, expected the same of a "
            "layer; scale the weights instead.",
        )
        n = np.size(node.v_threshold)
        _expect(n in (1, prod(self.shape)), f"has {n} neurons, expected {self.shape}.")

        initial = float(node.metadata.get("initial_v_mem", 0.0))
        bound = node.metadata.get("min_v_mem", self.lower_bound)
        bound = None if bound is None or bound == -np.inf else float(bound)
        _expect(
            self.initial in (None, initial) and 0 <= initial < 1 and (bound is None or bound < 0),
            f"has initial_v_mem {initial} and min_v_mem {bound} in its metadata, expected one from "
            "0 to 1 for all, and one below 0; correct it.",
        )
        assert self.pending is not None  # `take` has seen to it
        layer, weight = self.pending
        weight = weight * np.float32(resistances[0])
        self.done.append(SpikingLayer(layer, weight, None, float(thresholds[0]), bound))
        self.pending = None
        self.initial = initial
