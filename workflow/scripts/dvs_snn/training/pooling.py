"""ReLU and 2x2 average pooling in one pass over memory, for training in bfloat16 on a processor.

In torch both take half of a training step: they compute little but read each map twice. Here each
map is read once. The values equal torch's bit by bit.
"""

import numba
import numpy as np
import torch
from torch import nn

from dvs_snn.files.compiled_kernels import cached


@cached
@numba.njit(nogil=True, inline="always")
def _widened(bits):
    """Return a bfloat16, given as its bits, as float32."""
    return np.uint32(np.uint32(bits) << np.uint32(16)).view(np.float32)


@cached
@numba.njit(nogil=True, inline="always")
def _narrowed(value):
    """Return the bits of the nearest bfloat16; of two equally near, the even one, as in torch."""
    bits = np.float32(value).view(np.uint32)
    odd = (bits >> np.uint32(16)) & np.uint32(1)
    return np.uint16((bits + np.uint32(0x7FFF) + odd) >> np.uint32(16))


@cached
@numba.njit(nogil=True)
def _rectify_and_pool(x, out, channels):
    """Rectify and pool `x` (image, height, width x channel) into `out`; both hold bfloat16 bits."""
    zero = np.float32(0)
    quarter = np.float32(0.25)
    width = out.shape[2] // channels
    read = 2 * width * channels
    columns = np.empty(read, np.float32)
    for image in range(out.shape[0]):
        for row in range(out.shape[1]):
            upper = x[image, 2 * row, :read]
            lower = x[image, 2 * row + 1, :read]
            for k in range(read):
                a = _widened(upper[k])
                b = _widened(lower[k])
                # Compared this way, nan stays nan as in torch, so that the loss shows it.
                columns[k] = (zero if a < zero else a) + (zero if b < zero else b)
            for place in range(width):
                left = columns[2 * place * channels : (2 * place + 1) * channels]
                right = columns[(2 * place + 1) * channels : (2 * place + 2) * channels]
                pooled = out[image, row, place * channels : (place + 1) * channels]
                for k in range(channels):
                    pooled[k] = _narrowed((left[k] + right[k]) * quarter)


@cached
@numba.njit(nogil=True)
def _spread_gradient(x, gradient, out, channels):
    """Write the gradient of `x`: a quarter of its pool's gradient where `x` is above zero."""
    quarter = np.float32(0.25)
    nothing = np.uint16(0)
    width = gradient.shape[2] // channels
    reached = 2 * width * channels
    spread = np.empty(reached, np.uint16)
    for image in range(gradient.shape[0]):
        # Pixels that the pool leaves over at the lower and the right edge.
        out[image, 2 * gradient.shape[1] :] = nothing
        for row in range(gradient.shape[1]):
            for place in range(width):
                pooled = gradient[image, row, place * channels : (place + 1) * channels]
                left = spread[2 * place * channels : (2 * place + 1) * channels]
                right = spread[(2 * place + 1) * channels : (2 * place + 2) * channels]
                for k in range(channels):
                    share = _narrowed(_widened(pooled[k]) * quarter)
                    left[k] = share
                    right[k] = share
            for i in range(2 * row, 2 * row + 2):
                seen = x[image, i, :reached]
                written = out[image, i]
                for k in range(reached):
                    written[k] = spread[k] if np.int16(seen[k]) > 0 else nothing
                written[reached:] = nothing


def _rows(maps: torch.Tensor) -> np.ndarray:
    """View channels-last bfloat16 maps as bits, uint16 (image, height, width x channel)."""
    rows = maps.detach().permute(0, 2, 3, 1).view(torch.uint16)
    return rows.view(*rows.shape[:2], -1).numpy()


class _RectifiedPooling(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: torch.Tensor) -> torch.Tensor:
        x = x.contiguous(memory_format=torch.channels_last)
        n, channels, height, width = x.shape
        out = x.new_empty((n, height // 2, width // 2, channels)).permute(0, 3, 1, 2)
        _rectify_and_pool(_rows(x), _rows(out), channels)
        ctx.save_for_backward(x)
        return out

    @staticmethod
    def backward(ctx, gradient: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        out = torch.empty_like(x)
        gradient = gradient.contiguous(memory_format=torch.channels_last)
        _spread_gradient(_rows(x), _rows(gradient), _rows(out), x.shape[1])
        return out


class RectifiedPooling(nn.Module):
    """A ReLU and the 2x2 average pool after it, in bfloat16 on a processor; else torch's own."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.dtype == torch.bfloat16 and x.device.type == "cpu":
            return _RectifiedPooling.apply(x)
        return nn.functional.avg_pool2d(nn.functional.relu(x), 2)


def _is_plain_pool(part: nn.Module) -> bool:
    """Say whether a layer averages 2x2 pixels, each once."""
    return (
        isinstance(part, nn.AvgPool2d)
        and part.kernel_size in (2, (2, 2))
        and part.stride in (2, (2, 2))
        and part.padding in (0, (0, 0))
        and not part.ceil_mode
        and part.divisor_override in (None, 4)
    )


def with_rectified_pooling(network: nn.Sequential) -> nn.Sequential:
    """Return a network of the same weights with each ReLU and its 2x2 pool merged in one layer."""
    parts: list[nn.Module] = []
    for part in network:
        if _is_plain_pool(part) and parts and isinstance(parts[-1], nn.ReLU):
            parts[-1] = RectifiedPooling()
        else:
            parts.append(part)
    return nn.Sequential(*parts)
