"""A network by its name, checked; `describe_layers` derives all other facts from its layers."""

import traceback
from math import prod
from typing import Protocol

import torch
from torch import nn

from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.files.registry import load
from dvs_snn.networks.geometry import INPUT_SHAPE, INSIDE, N_CLASSES, Layer, Pool
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
    # The file may be the user's own: whatever it raises is told with its line.
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename.endswith(place)]
        lines += [error.lineno] if isinstance(error, SyntaxError) else []
        where = f"{place} line {lines[-1]}" if lines else place
        raise StudyError(
            f"{where}: the network {name!r} can't be built ({type(error).__name__}: "
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


def weighted(module: nn.Sequential) -> list[nn.Conv2d | nn.Linear]:
    """Return the layers of a network that have weights, in order."""
    return [part for part in module if isinstance(part, nn.Conv2d | nn.Linear)]


def _pair(value: int | tuple[int, ...]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def _divisor(pool: nn.AvgPool2d) -> int:
    if pool.divisor_override is None and pool.padding not in (0, (0, 0)):
        return prod(_pair(pool.kernel_size)) if pool.count_include_pad else INSIDE
    return pool.divisor_override or prod(_pair(pool.kernel_size))


def _weighted_layer(
    module: nn.Conv2d | nn.Linear, number: int, before: tuple, pools: list[Pool], after: tuple
) -> Layer:
    is_conv, geometry = isinstance(module, nn.Conv2d), {}
    if is_conv:
        pairs = {key: _pair(getattr(module, key)) for key in ("stride", "padding", "dilation")}
        geometry = {"kernel": _pair(module.kernel_size), "groups": module.groups, **pairs}
    return Layer(
        name=f"{'conv' if is_conv else 'fc'}{number}",
        kind="conv" if is_conv else "linear",
        input_shape=before,
        output_shape=after,
        pools=tuple(pools),
        weights=sum(parameter.numel() for parameter in module.parameters()),
        macs=module.weight.numel() * prod(after[1:]),
        **geometry,
    )


def describe_layers(name: str, module: nn.Sequential, n_classes: int | None = None) -> list[Layer]:
    """Walk a network and describe each weighted layer.

    Raises:
        StudyError: the network isn't a flat `nn.Sequential` of Conv2d, Linear, AvgPool2d, ReLU,
            Dropout, Dropout2d and Flatten; it lacks a ReLU after a weighted layer; or its shapes
            don't lead from `INPUT_SHAPE` to `n_classes` outputs (None: any number).
    """

    def refuse(what: str) -> StudyError:
        return StudyError(f"model.name {name!r}: {what}; change {place_of(name)}.")

    layers: list[Layer] = []
    numbers = {nn.Conv2d: 0, nn.Linear: 0}
    before: tuple[int, ...] = INPUT_SHAPE
    pools: list[Pool] = []
    pending = False
    value = torch.zeros(1, *INPUT_SHAPE)
    was_training = module.training
    module.eval()
    with torch.no_grad():
        for index, part in enumerate(module):
            where = f"layer {index} ({type(part).__name__})"
            if isinstance(part, nn.Linear) and value.dim() != 2:
                raise refuse(f"{where} needs a Flatten before it")
            try:
                value = part(value)
            except RuntimeError as error:
                shape = tuple(value.shape[1:])
                raise refuse(f"{where} can't take an input of shape {shape}") from error
            shape = tuple(value.shape[1:])
            if isinstance(part, nn.Conv2d | nn.Linear):
                if pending:
                    raise refuse(f"{where} follows a weighted layer without a ReLU between")
                if isinstance(part, nn.Conv2d) and (
                    isinstance(part.padding, str) or part.padding_mode != "zeros"
                ):
                    raise refuse(f"{where} needs numbers as padding, filled with zeros")
                numbers[type(part)] += 1
                layers.append(_weighted_layer(part, numbers[type(part)], before, pools, shape))
                before, pools, pending = shape, [], True
            elif isinstance(part, nn.ReLU):
                if not pending:
                    raise refuse(f"{where} doesn't follow a weighted layer")
                pending = False
            elif isinstance(part, nn.AvgPool2d):
                if pending:
                    raise refuse(f"{where} stands before the ReLU; spikes are pooled after it")
                if part.ceil_mode:
                    raise refuse(f"{where} has ceil_mode, which the SynOps count doesn't know")
                geometry = map(_pair, (part.kernel_size, part.stride, part.padding))
                pools.append(Pool(*geometry, shape, _divisor(part)))
            elif not isinstance(part, nn.Dropout | nn.Dropout2d | nn.Flatten):
                raise refuse(f"{where} is not a layer that can be converted and counted")
    module.train(was_training)
    ends_well = bool(layers) and not pools and isinstance(module[-1], nn.ReLU)
    shape = tuple(value.shape[1:])
    if not ends_well or len(shape) != 1 or (n_classes or shape[0]) != shape[0]:
        wanted = f"{n_classes} outputs, one for each of data.classes," if n_classes else "outputs"
        raise refuse(f"it ends in shape {shape}, expected {wanted} and a ReLU")
    return layers
