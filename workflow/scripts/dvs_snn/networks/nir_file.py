"""Networks in NIR files: ours, which we write, and anybody's, which we read.

NIR (Neuromorphic Intermediate Representation, Pedersen et al. 2024, Nat. Commun. 15:8122) has
integrate-and-fire neurons, but no lower bound of their potential. It stands in the metadata of our
neurons, as `min_v_mem`, and the potential at the start, as `initial_v_mem`.
"""

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
MAX_NEURONS = 2**24
"""Of a layer, and inputs of the network; float32 counts them exactly, and int32 their tables."""

INSTEAD = {
    "LIF": "train with neurons without a leak (IF)",
    "CubaLIF": "train with neurons without a leak and without a synaptic current of its own (IF)",
    "LI": "let the outputs spike (IF); the class with most spikes is read",
    "I": "let the outputs spike (IF); the class with most spikes is read",
    "Scale": "multiply the weights before it by the scale",
    "Threshold": "write the neurons as IF",
    "Delay": "train without delays",
    "Conv1d": "write it as Conv2d on (channel, row, column)",
    "NIRGraph": "write the network without a graph in the graph",
}
"""What would do in place of a node."""

TAKEN = "Input, Conv2d, Linear, Affine, IF, SumPool2d, AvgPool2d, Flatten and Output"


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


def read_nir(path: Path, lower_bound: float | None) -> SpikingNetwork:
    """Read a network from a file that may come from anyone; StudyError says what can't run.

    `lower_bound` is that of neurons whose metadata tell none. A resistance multiplies the weights.
    """
    nodes, order = _chain(path, *_content(path))
    walk = _Walk(path, lower_bound)
    for name in order:
        walk.take(name, nodes[name])
    return walk.network()


def _content(path: Path) -> tuple[dict[str, dict[str, Any]], list[tuple[str, str]]]:
    """Return the fields of each node, by name, and the edges."""
    left = [MAX_BYTES]

    def fields_of(group: h5py.Group) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for name in group:
            # A link may lead to any file of the machine.
            is_here = isinstance(group.get(name, getlink=True), h5py.HardLink)
            place = group[name] if is_here else None
            if isinstance(place, h5py.Dataset) and not place.is_virtual and place.external is None:
                left[0] -= place.nbytes
            elif not isinstance(place, h5py.Group):
                raise StudyError(
                    f"{path}: {_quoted(name)} is a link or lies in another file, expected all of "
                    "the network in this file; write it anew with nir.write."
                )
            left[0] -= 100
            if left[0] < 0:
                raise StudyError(
                    f"{path}: holds more than {MAX_BYTES / 1e6:.0f} MB when unpacked, expected a "
                    "network that fits a chip; take a smaller one."
                )
            value = fields_of(place) if isinstance(place, h5py.Group) else place[()]
            fields[name] = value.decode() if isinstance(value, bytes) else value
        return fields

    try:
        with h5py.File(path, "r", locking=False) as file:
            graph = fields_of(file["node"])
        edges = [(a.decode(), b.decode()) for a, b in graph["edges"]]
        return {name: {"type": "", **fields} for name, fields in graph["nodes"].items()}, edges
    except StudyError:
        raise
    # Damaged bytes may raise anything.
    except Exception as error:
        raise StudyError(
            f"{path}: can't be read as a NIR graph ({reason_of(error)}), expected what the package "
            "nir writes; write it with nir.write('network.nir', graph)."
        ) from error


def _chain(
    path: Path, nodes: dict[str, dict[str, Any]], edges: list[tuple[str, str]]
) -> tuple[dict[str, nir.NIRNode], list[str]]:
    """Return the nodes, and their names in the order of the edges."""
    made = {}
    for name, fields in nodes.items():
        kind, where = fields["type"], f"{path}: node {_quoted(name)}"
        if kind not in TAKEN.replace(",", "").split():
            instead = INSTEAD.get(kind, "write the network with these alone")
            raise StudyError(
                f"{where} is of type {_quoted(kind)}, expected {TAKEN}; {instead}, and export it "
                "again."
            )
        if not np.any(fields.get("v_reset", 0)):
            fields.pop("v_reset", None)  # newer writers add it
        try:
            made[name] = nir.dict2NIRNode(fields)
        except Exception as error:
            raise StudyError(
                f"{where} ({kind}) lacks or has too much ({reason_of(error)}), expected the fields "
                f"of nir {nir.version}; write it with nir.write."
            ) from error
    ahead, behind = dict(edges), {after: before for before, after in edges}
    order = [name for name, node in made.items() if isinstance(node, nir.Input)]
    while len(order) <= len(made) and order and ahead.get(order[-1]) in made:
        order.append(ahead[order[-1]])
    is_chain = len(ahead) == len(behind) == len(edges) == len(made) - 1
    if not is_chain or sorted(order) != sorted(made) or not isinstance(made[order[-1]], nir.Output):
        loose = [name for name in made if name not in order[1:] or name not in ahead]
        inner = [name for name in loose if not isinstance(made[name], nir.Input | nir.Output)]
        where = f"; look at node {_quoted(inner[0])}" if inner else ""
        raise StudyError(
            f"{path}: its {len(edges)} edges lead through {len(order)} of {len(made)} nodes, "
            "expected a chain from one Input to one Output, without branches and loops; export a "
            f"feedforward network{where}."
        )
    return made, order


def _quoted(name: str) -> str:
    return ascii(str(name))[:80]


class _Walk:
    """Takes the nodes of a chain in turn; its `shape` is of the maps so far."""

    def __init__(self, path: Path, lower_bound: float | None) -> None:
        self.path, self.lower_bound = path, lower_bound
        self.where = ""
        self.shape: tuple[int, ...] = ()
        self.before: tuple[int, ...] = ()
        self.is_flat = False
        self.n_neurons = 0
        self.pools: list[Pool] = []
        self.pending: tuple[Layer, np.ndarray] | None = None
        self.numbers = {"conv": 0, "fc": 0}
        # Layer, weights, threshold, lower bound and initial potential of each layer.
        self.done: list[tuple[Layer, np.ndarray, float, float | None, float]] = []

    def refuse(self, what: str) -> StudyError:
        return StudyError(f"{self.path}: {self.where} {what}")

    def take(self, name: str, node: nir.NIRNode) -> None:
        """Take the next node."""
        self.where = f"node {_quoted(name)} ({type(node).__name__})"
        if self.pending is not None and not isinstance(node, nir.IF):
            raise self.refuse("follows weights, expected neurons (IF) there; put them between.")
        match node:
            case nir.Input():
                self._begin(tuple(map(int, node.input_type["input"])))
            case nir.Conv2d():
                self._convolve(node)
            case nir.Linear() | nir.Affine():
                self._connect(node)
            case nir.SumPool2d() | nir.AvgPool2d():
                self._pool(node)
            case nir.Flatten():
                if int(node.start_dim) not in (0, 1):  # 1 where the writer counts the batch
                    raise self.refuse("keeps some dimensions apart; flatten all of them.")
                self.is_flat = True
            case nir.IF():
                self._fire(node)

    def _begin(self, shape: tuple[int, ...]) -> None:
        shape = shape[1:] if len(shape) == 4 and shape[0] == 1 else shape  # a batch of one
        if len(shape) != 3 or shape[0] not in (1, 2) or min(shape) < 1:
            raise self.refuse(
                f"has shape {shape}, expected (1 or 2 polarities, rows, columns) of events; write "
                "the network with such an input."
            )
        self._reach(shape)
        self.before = shape

    def _reach(self, shape: tuple[int, ...]) -> None:
        """Go on with maps of a `shape`."""
        if min(shape) < 1:
            raise self.refuse(f"gives maps of {shape} from {self.shape}; check its kernel.")
        self.n_neurons += prod(shape)
        if self.n_neurons > MAX_NEURONS:
            raise self.refuse(f"brings more than {MAX_NEURONS} neurons; take a smaller network.")
        self.shape = shape

    def _window(self, node: nir.NIRNode, kernel: Any) -> dict[str, tuple[int, int]]:
        """Return the kernel, stride, padding and dilation of a node, (height, width) each."""
        if len(self.shape) != 3 or self.is_flat:
            raise self.refuse(f"takes maps, but is given {self.shape} neurons; move it forward.")
        found = {"kernel": kernel, "stride": node.stride, "padding": node.padding}
        found["dilation"] = getattr(node, "dilation", 1)
        if isinstance(node.padding, str):
            is_same = node.padding == "same"
            reach = np.multiply(np.subtract(kernel, 1), found["dilation"])
            if is_same and (np.any(reach % 2) or np.any(np.not_equal(node.stride, 1))):
                raise self.refuse("pads unevenly ('same'); write its padding as numbers.")
            found["padding"] = reach // 2 if is_same else 0
        pairs = {key: np.broadcast_to(value, 2) for key, value in found.items()}
        if any(np.any(pair < (key != "padding")) for key, pair in pairs.items()):
            raise self.refuse("has a kernel, stride, padding or dilation below its least value.")
        return {key: (int(pair[0]), int(pair[1])) for key, pair in pairs.items()}

    def _pool(self, node: nir.SumPool2d | nir.AvgPool2d) -> None:
        window = self._window(node, node.kernel_size)
        del window["dilation"]
        sizes = map(output_size, self.shape[1:], *window.values())
        shape = (self.shape[0], *sizes)
        divisor = 1 if isinstance(node, nir.SumPool2d) else prod(window["kernel"])
        self._reach(shape)
        self.pools.append(Pool(*window.values(), shape, divisor))

    def _convolve(self, node: nir.Conv2d) -> None:
        weight, groups = self._weights(node, 4), int(node.groups)
        window = self._window(node, weight.shape[2:])
        out, ins = weight.shape[:2]
        if groups < 1 or ins * groups != self.shape[0] or out % groups:
            raise self.refuse(
                f"has weights {weight.shape} in {groups} groups, but is given {self.shape[0]} "
                "channels; check the node before it."
            )
        sizes = map(output_size, self.shape[1:], *window.values())
        self._add("conv", weight, (out, *sizes), groups=groups, **window)

    def _connect(self, node: nir.Linear | nir.Affine) -> None:
        weight = self._weights(node, 2)
        if not (self.is_flat or len(self.shape) == 1) or weight.shape[1] != prod(self.shape):
            raise self.refuse(
                f"takes {weight.shape[1]} inputs, but is given maps of {self.shape}; put a Flatten "
                "before it, and check the shapes."
            )
        self._add("fc", weight, weight.shape[:1])

    def _weights(self, node: nir.NIRNode, n_axes: int) -> np.ndarray:
        weight = np.asarray(node.weight)
        if weight.ndim != n_axes or weight.dtype.kind not in "iuf" or not np.isfinite(weight).all():
            raise self.refuse(f"has no weights of {n_axes} axes and finite numbers; check them.")
        if np.any(getattr(node, "bias", 0)):
            raise self.refuse(
                "has biases, expected zeros: a chip without a clock adds nothing between events; "
                "train without biases."
            )
        return weight.astype(np.float32)

    def _add(self, kind: str, weight: np.ndarray, shape: tuple[int, ...], **geometry: Any) -> None:
        self.numbers[kind] += 1
        self._reach(shape)
        layer = Layer(
            name=f"{kind}{self.numbers[kind]}",
            kind="linear" if kind == "fc" else kind,
            input_shape=self.before,
            output_shape=shape,
            pools=tuple(self.pools),
            weights=weight.size,
            macs=weight.size * prod(shape[1:]),
            **geometry,
        )
        self.pending = layer, weight

    def _fire(self, node: nir.IF) -> None:
        if self.pending is None:
            raise self.refuse("follows no weights; put a Conv2d, Linear or Affine before it.")
        if np.size(node.v_threshold) not in (1, prod(self.shape)):
            raise self.refuse(f"has {np.size(node.v_threshold)} neurons, expected {self.shape}.")
        values = [np.unique(value) for value in (node.v_threshold, node.r)]
        if not all(len(value) == 1 and 0 < value[0] < np.inf for value in values):
            raise self.refuse(
                "has neurons that differ in threshold or resistance, or none above zero; expected "
                "the same number for all neurons of a layer: scale the weights instead."
            )
        bound = node.metadata.get("min_v_mem", self.lower_bound)
        initial = float(node.metadata.get("initial_v_mem", 0.0))
        if not 0 <= initial < 1 or not (bound is None or bound < 0):
            raise self.refuse(
                f"has initial_v_mem {initial} and min_v_mem {bound} in its metadata, expected "
                "0 to 1 and a number below 0; correct them."
            )
        bound = None if bound is None or bound == -np.inf else float(bound)
        layer, weight = self.pending
        threshold, resistance = (float(value[0]) for value in values)
        self.done.append((layer, weight * np.float32(resistance), threshold, bound, initial))
        self.pending, self.pools, self.before = None, [], self.shape
        self.is_flat = False

    def network(self) -> SpikingNetwork:
        """Return what was taken, the Output at last."""
        if not self.done or self.pools or prod(self.shape) != self.shape[0]:
            raise self.refuse(
                f"is given {self.shape}, expected a neuron (IF) a class; end the network so."
            )
        layers, weights, thresholds, bounds, initial = zip(*self.done, strict=True)
        if len(set(initial)) > 1:
            raise self.refuse(f"ends layers that begin at {initial}, expected one initial_v_mem.")
        no_bias = (None,) * len(layers)
        name = self.path.stem
        return SpikingNetwork(name, layers, weights, no_bias, thresholds, bounds, initial[0])
