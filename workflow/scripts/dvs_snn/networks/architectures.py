"""A network by its name, checked; `describe_layers` derives all other facts from its layers."""

from dataclasses import replace
from math import prod
from typing import Protocol

import torch
from torch import nn

from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.files.registry import load
from dvs_snn.networks.geometry import INPUT_SHAPE, N_CLASSES, Layer, Pool
from dvs_snn.settings.network_settings import NETWORKS


class NetworkModule(Protocol):
    """What a module of networks/kinds/ holds."""

    def build(self, n_classes: int) -> nn.Sequential:
        """Return the network with fresh weights and an output for each class."""
        ...


def place_of(name: str) -> str:
    """Return the file of network `name`, as a user finds it."""
    return f"workflow/scripts/{NETWORKS}.{name}".replace(".", "/").replace("-", "_") + ".py"


def build_network(name: str, n_classes: int = N_CLASSES) -> nn.Sequential:
    """Build network `name` with fresh weights, an output a class; StudyError if it can't be run."""
    place = place_of(name)
    try:
        entry: NetworkModule = load(NETWORKS, name, NetworkModule)
        module = entry.build(n_classes)
    except StudyError:
        raise
    # The file may be the user's own, and may raise anything.
    except Exception as error:
        raise StudyError(
            f"{place}: the network {name!r} can't be built ({type(error).__name__}: "
            f"{reason_of(error)}), expected build(n_classes) to return an nn.Sequential; correct "
            "that file."
        ) from error
    if not isinstance(module, nn.Sequential):
        raise StudyError(
            f"{place}: build returns {type(module).__name__}, expected an nn.Sequential; correct "
            "that file."
        )
    describe_layers(name, module, n_classes)
    return module


def weighted(module: nn.Module) -> list[nn.Conv2d | nn.Linear]:
    """Return the layers of a network that have weights, in order."""
    return [part for part in module.children() if isinstance(part, nn.Conv2d | nn.Linear)]


def before_final_relu(network: nn.Sequential) -> nn.Sequential:
    """Return a network without its last module: the final ReLU, as `describe_layers` checks."""
    return nn.Sequential(*list(network)[:-1])


def describe_layers(name: str, module: nn.Sequential, n_classes: int | None = None) -> list[Layer]:
    """Describe each weighted layer of network `name`, as `layers_of` does.

    Raises:
        StudyError: `layers_of` refuses it, or its shapes don't lead from `INPUT_SHAPE` to
            `n_classes` outputs (None: any number) behind a ReLU.
    """
    try:
        layers = layers_of(module, INPUT_SHAPE)
        shape = layers[-1].output_shape if layers else INPUT_SHAPE
        if shape != (n_classes or shape[0],) or not isinstance(module[-1], nn.ReLU):
            each = f"{n_classes} outputs, one for each of data.classes," if n_classes else "outputs"
            raise StudyError(f"it ends in shape {shape}, expected {each} and a ReLU")
    except StudyError as error:
        sentence = f"model.name {name!r}: {error}; change {place_of(name)}."
        raise StudyError(sentence) from error
    return layers


def layers_of(module: nn.Sequential, input_shape: tuple[int, ...]) -> list[Layer]:
    """Walk a network and describe each weighted layer.

    Raises:
        StudyError: the network isn't a flat `nn.Sequential` of Conv2d, Linear, AvgPool2d, ReLU,
            Dropout, Dropout2d and Flatten, or it lacks a ReLU between weighted layers. The message
            is the middle of a sentence.
    """
    layers: list[Layer] = []
    before = input_shape
    pools: list[Pool] = []
    pending = False
    value = torch.zeros(1, *input_shape)
    was_training = module.training
    module.eval()

    with torch.no_grad():
        for name, part in module.named_children():
            where = f"layer {name} ({type(part).__name__})"
            if isinstance(part, nn.Linear) and value.dim() != 2:
                raise StudyError(f"{where} needs a Flatten before it")
            try:
                value = part(value)
            except RuntimeError as error:
                shape = tuple(value.shape[1:])
                raise StudyError(f"{where} can't take an input of shape {shape}") from error
            shape = tuple(value.shape[1:])
            match part:
                case nn.Conv2d() | nn.Linear():
                    if pending:
                        raise StudyError(f"{where} follows a weighted layer without a ReLU between")
                    layers.append(_weighted_layer(part, where, layers, before, pools, shape))
                    before = shape
                    pools = []
                    pending = True
                case nn.ReLU():
                    if not pending:
                        raise StudyError(f"{where} doesn't follow a weighted layer")
                    pending = False
                case nn.AvgPool2d():
                    if pending:
                        raise StudyError(
                            f"{where} stands before the ReLU; spikes are pooled after it"
                        )
                    pools.append(_pool(part, where, shape))
                case nn.Dropout() | nn.Dropout2d() | nn.Flatten():
                    pass
                case _:
                    raise StudyError(f"{where} is not a layer that can be converted and counted")

    module.train(was_training)
    return layers


def _pair(value: int | tuple[int, ...]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def _pool(module: nn.AvgPool2d, where: str, shape: tuple[int, ...]) -> Pool:
    if module.ceil_mode or not module.count_include_pad:
        raise StudyError(f"{where} doesn't average whole windows, padding included")
    channels, height, width = shape
    kernel = _pair(module.kernel_size)
    return Pool(
        kernel,
        _pair(module.stride),
        _pair(module.padding),
        (channels, height, width),
        module.divisor_override or prod(kernel),
    )


def _weighted_layer(
    module: nn.Conv2d | nn.Linear,
    where: str,
    earlier: list[Layer],
    before: tuple[int, ...],
    pools: list[Pool],
    after: tuple[int, ...],
) -> Layer:
    kind = "conv" if isinstance(module, nn.Conv2d) else "linear"
    number = 1 + sum(layer.kind == kind for layer in earlier)
    layer = Layer(
        name=f"{'conv' if kind == 'conv' else 'fc'}{number}",
        kind=kind,
        input_shape=before,
        output_shape=after,
        pools=tuple(pools),
        weights=sum(parameter.numel() for parameter in module.parameters()),
        macs=module.weight.numel() * prod(after[1:]),
    )
    if not isinstance(module, nn.Conv2d):
        return layer
    if isinstance(module.padding, str) or module.padding_mode != "zeros":
        raise StudyError(f"{where} needs numbers as padding, filled with zeros")
    return replace(
        layer,
        kernel=_pair(module.kernel_size),
        stride=_pair(module.stride),
        padding=_pair(module.padding),
        dilation=_pair(module.dilation),
        groups=module.groups,
    )
