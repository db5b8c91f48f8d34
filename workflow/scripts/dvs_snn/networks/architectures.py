"""A network by its name, checked; `describe_layers` derives all other facts from its layers."""

import traceback
from dataclasses import replace
from math import prod

import torch
from torch import nn

from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.files.registry import load
from dvs_snn.networks.geometry import INPUT_SHAPE, N_CLASSES, Layer, Pool
from dvs_snn.settings.conversion import NETWORKS


def place_of(name: str) -> str:
    """Return the file of network `name`, as a user finds it."""
    return f"workflow/scripts/{NETWORKS}.{name}".replace(".", "/").replace("-", "_") + ".py"


def build_network(name: str, n_classes: int = N_CLASSES) -> nn.Sequential:
    """Build network `name` with fresh weights, an output a class; StudyError if it can't be run."""
    place = place_of(name)
    try:
        module = load(NETWORKS, name).build(n_classes)
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


def before_final_relu(network: nn.Sequential) -> nn.Sequential:
    """Return a network without its last module: the final ReLU, as `describe_layers` checks."""
    return nn.Sequential(*list(network)[:-1])


def _pair(value: int | tuple[int, ...]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def _weighted_layer(
    module: nn.Conv2d | nn.Linear,
    number: int,
    before: tuple[int, ...],
    pools: list[Pool],
    after: tuple[int, ...],
) -> Layer:
    is_conv = isinstance(module, nn.Conv2d)
    layer = Layer(
        name=f"{'conv' if is_conv else 'fc'}{number}",
        kind="conv" if is_conv else "linear",
        input_shape=before,
        output_shape=after,
        pools=tuple(pools),
        weights=sum(parameter.numel() for parameter in module.parameters()),
        macs=module.weight.numel() * prod(after[1:]),
    )
    if not isinstance(module, nn.Conv2d):
        return layer
    # `describe_layers` refuses words such as "same".
    assert not isinstance(module.padding, str)
    return replace(
        layer,
        kernel=_pair(module.kernel_size),
        stride=_pair(module.stride),
        padding=_pair(module.padding),
        dilation=_pair(module.dilation),
        groups=module.groups,
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
    before: tuple[int, ...] = INPUT_SHAPE
    pools: list[Pool] = []
    pending = False
    parts = list(module)
    value = torch.zeros(1, *INPUT_SHAPE)
    was_training = module.training
    module.eval()

    with torch.no_grad():
        for index, part in enumerate(parts):
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
                number = 1 + sum(type(earlier) is type(part) for earlier in parts[:index])
                layers.append(_weighted_layer(part, number, before, pools, shape))
                before = shape
                pools = []
                pending = True
            elif isinstance(part, nn.ReLU):
                if not pending:
                    raise refuse(f"{where} doesn't follow a weighted layer")
                pending = False
            elif isinstance(part, nn.AvgPool2d):
                if pending:
                    raise refuse(f"{where} stands before the ReLU; spikes are pooled after it")
                if part.ceil_mode or part.divisor_override or not part.count_include_pad:
                    raise refuse(f"{where} doesn't average whole windows, padding included")
                channels, height, width = shape
                kernel = _pair(part.kernel_size)
                pools.append(
                    Pool(
                        kernel,
                        _pair(part.stride),
                        _pair(part.padding),
                        (channels, height, width),
                        prod(kernel),
                    )
                )
            elif not isinstance(part, nn.Dropout | nn.Dropout2d | nn.Flatten):
                raise refuse(f"{where} is not a layer that can be converted and counted")

    module.train(was_training)
    ends_well = bool(layers) and not pools and isinstance(module[-1], nn.ReLU)
    shape = tuple(value.shape[1:])
    if not ends_well or len(shape) != 1 or (n_classes or shape[0]) != shape[0]:
        wanted = f"{n_classes} outputs, one for each of data.classes," if n_classes else "outputs"
        raise refuse(f"it ends in shape {shape}, expected {wanted} and a ReLU")
    return layers
