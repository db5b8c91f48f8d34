"""Networks that a user brings in NIR files, from anybody.

NIR (Neuromorphic Intermediate Representation, Pedersen et al. 2024, Nat. Commun. 15:8122) has
integrate-and-fire neurons, but neither a lower bound of their potential nor where it starts. The
metadata of neurons may tell them, as `min_v_mem` and `initial_v_mem`, a share of the threshold.

A guest is built in torch first, so that its layers are described and refused as those of our own
networks are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import h5py
import nir
import numpy as np
import torch
from nir.serialization import hdf2dict
from torch import nn

from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.networks.architectures import layers_of, weighted
from dvs_snn.networks.spiking_network import SpikingLayer, SpikingNetwork, save_spiking

TAKEN = ("Input", "Conv2d", "Linear", "Affine", "IF", "SumPool2d", "AvgPool2d", "Flatten", "Output")


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
            f"for each of data.classes; leave variants.{job.variant} out, or use recordings of "
            "its classes."
        )
    bounded = guest if job.min_v_mem is None else guest.bounded(job.min_v_mem)
    save_spiking(bounded, job.network)


def read_nir(path: Path, lower_bound: float | None) -> SpikingNetwork:
    """Read a network from a file that may come from anyone; StudyError says what can't run.

    `lower_bound` is that of neurons whose metadata tell none. A resistance multiplies the weights.
    """
    nodes, edges = _content(path)
    network = nn.Sequential()
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
            node = nir.dict2NIRNode(fields)
            if kind == "Input":
                input_shape = _input_shape(node)
            elif kind != "Output":
                network.add_module(name.replace(".", "_"), _module(node, lower_bound))
        except StudyError as error:
            raise StudyError(f"{path}: node {name!a:.80} ({kind!a}) {error}") from error
        # Fields of another kind may raise anything.
        except Exception as error:
            raise StudyError(
                f"{path}: node {name!a:.80} ({kind!a}) has other fields than those of nir "
                f"{nir.version} ({reason_of(error)}); write it with nir.write."
            ) from error
    try:
        return _spiking(path.stem, network, input_shape)
    except StudyError as error:
        raise StudyError(f"{path}: {error}; write another network.") from error


class IF(nn.ReLU):
    """The neurons of a layer, as a NIR file has them; in torch they stand as a ReLU."""

    def __init__(self, node: nir.IF, usual_bound: float | None) -> None:
        super().__init__()
        thresholds = np.unique(node.v_threshold)
        resistances = np.unique(node.r)
        _expect(
            len(thresholds) == len(resistances) == 1
            and 0 < thresholds[0] < np.inf
            and 0 < resistances[0] < np.inf,
            "has thresholds or resistances that differ, or none above zero, expected the same of a "
            "layer; scale the weights instead.",
        )
        self.n = np.size(node.v_threshold)
        self.threshold = float(thresholds[0])
        self.resistance = np.float32(resistances[0])
        self.initial = float(node.metadata.get("initial_v_mem", 0.0))
        bound = node.metadata.get("min_v_mem", usual_bound)
        self.lower_bound = None if bound is None or bound == -np.inf else float(bound)
        _expect(
            0 <= self.initial < 1 and (self.lower_bound is None or self.lower_bound < 0),
            f"has initial_v_mem {self.initial} and min_v_mem {self.lower_bound} in its metadata, "
            "expected one from 0 to 1, and one below 0; correct it.",
        )


def _input_shape(node: nir.Input) -> tuple[int, ...]:
    shape = tuple(map(int, node.input_type["input"]))
    if len(shape) == 4 and shape[0] == 1:
        shape = shape[1:]  # a batch of one
    _expect(
        len(shape) == 3 and shape[0] in (1, 2),
        f"has shape {shape}, expected (1 or 2 polarities, rows, columns); write the network with "
        "such an input.",
    )
    return shape


def _module(node: nir.NIRNode, usual_bound: float | None) -> nn.Module:
    """Return a node in torch."""
    match node:
        case nir.Flatten():
            return nn.Flatten()
        case nir.IF():
            return IF(node, usual_bound)
        case nir.SumPool2d() | nir.AvgPool2d():
            return nn.AvgPool2d(
                _pair(node.kernel_size),
                _pair(node.stride),
                _pair(node.padding),
                divisor_override=1 if isinstance(node, nir.SumPool2d) else None,
            )
    weight = torch.tensor(node.weight, dtype=torch.float32)
    _expect(
        not np.any(getattr(node, "bias", 0)),
        "has biases, expected zeros: without a clock nothing adds up between events; train without "
        "biases.",
    )
    _expect(weight.isfinite().all(), "has weights that are NaN or infinite; train it again.")
    module: nn.Linear | nn.Conv2d
    if isinstance(node, nir.Conv2d):
        _expect(not isinstance(node.padding, str), "needs numbers as padding; write it so.")
        groups = int(node.groups)
        module = nn.Conv2d(
            weight.shape[1] * groups,
            len(weight),
            _pair(weight.shape[2:]),
            _pair(node.stride),
            _pair(node.padding),
            _pair(node.dilation),
            groups,
            bias=False,
        )
    else:
        module = nn.Linear(weight.shape[1], len(weight), bias=False)
    module.weight.data = weight
    return module


def _spiking(name: str, network: nn.Sequential, input_shape: tuple[int, ...]) -> SpikingNetwork:
    layers = layers_of(network, input_shape)
    neurons = [part for part in network if isinstance(part, IF)]
    _expect(
        layers and len(layers) == len(neurons) and isinstance(network[-1], IF),
        "its last node isn't of neurons (IF), one a class",
    )
    outputs = layers[-1].output_shape
    _expect(prod(outputs) == outputs[0], f"it ends in {outputs}, expected one neuron (IF) a class")
    _expect(len({each.initial for each in neurons}) == 1, "initial_v_mem differs between layers")
    parts = []
    for layer, module, each in zip(layers, weighted(network), neurons, strict=True):
        shape = layer.output_shape
        _expect(each.n in (1, prod(shape)), f"{layer.name} has {each.n} neurons, expected {shape}")
        weight = module.weight.detach().numpy() * each.resistance
        parts.append(SpikingLayer(layer, weight, None, each.threshold, each.lower_bound))
    return SpikingNetwork(name, tuple(parts), neurons[0].initial)


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
    missing = [name for edge in edges for name in edge if name not in nodes]
    if missing:
        raise StudyError(
            f"{path}: an edge names the node {missing[0]!a:.80}, expected one that the file has, "
            f"{', '.join(nodes)!a:.200}; write the whole graph with nir.write."
        )
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
    """Raise StudyError unless a node or a network fits; `what` is part of a sentence."""
    if not fits:
        raise StudyError(what)


def _pair(value: Any) -> tuple[int, int]:
    """Return a number, or a pair of numbers, as (height, width)."""
    height, width = np.broadcast_to(value, 2).astype(int).tolist()
    return height, width
