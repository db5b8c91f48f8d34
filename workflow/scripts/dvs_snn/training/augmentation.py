"""Random affine augmentation of whole batches of frames, on tensors."""

import torch
from torch.nn import functional

from dvs_snn.settings.training_settings import AffineRanges


def affine_matrices(scale: torch.Tensor, angle: torch.Tensor, shift: torch.Tensor) -> torch.Tensor:
    """Return the matrices that `affine_grid` wants: from output to input coordinates.

    Args:
        scale, angle: float (batch,), magnification and radians counter-clockwise as displayed.
        shift: float (batch, 2), right and down, in shares of width and height.

    Returns:
        float (batch, 2, 3), in `affine_grid`'s coordinates from -1 to 1.
    """
    cos = torch.cos(angle) / scale
    sin = torch.sin(angle) / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).reshape(-1, 2, 2)
    offset = -(linear @ (2 * shift).unsqueeze(2))
    return torch.cat([linear, offset], dim=2)


def random_affine(
    frames: torch.Tensor,
    ranges: AffineRanges,
    generator: torch.Generator,
    steps: torch.Tensor | None = None,
) -> torch.Tensor:
    """Scale, turn and shift each frame of a batch by its own random amounts.

    As torchvision's `RandomAffine`, it samples the nearest pixel, so event counts stay whole
    numbers. Outside of a frame there are zeros.

    Args:
        frames: float (batch, channel, height, width).
        generator: of the CPU, so that every device draws the same numbers.
        steps: int64 (recording,), how many frames each recording has; all are mapped alike.
    """
    if not ranges.changes_frames:
        return frames
    n = len(frames) if steps is None else len(steps)
    draw = torch.rand((n, 4), generator=generator)
    if steps is not None:
        draw = draw.repeat_interleave(steps, dim=0)
    low, high = ranges.scale
    scale = low + (high - low) * draw[:, 0]
    shift = (2 * draw[:, 1:3] - 1) * torch.tensor(ranges.translate)
    # RandomAffine shifts by whole pixels.
    size = torch.tensor([frames.shape[3], frames.shape[2]])
    shift = torch.round(shift * size) / size
    angle = torch.deg2rad((2 * draw[:, 3] - 1) * ranges.degrees)
    matrices = affine_matrices(scale, angle, shift).to(frames.device)
    grid = functional.affine_grid(matrices, list(frames.shape), align_corners=False)
    return functional.grid_sample(
        frames, grid.to(frames.dtype), mode="nearest", padding_mode="zeros", align_corners=False
    )
