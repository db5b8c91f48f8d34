"""The batched affine against torchvision's own, frame by frame."""

import math

import numpy as np
import pytest
import torch
from torch.nn.functional import affine_grid, grid_sample
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2.functional import affine

from dvs_snn.settings.training_settings import AffineRanges
from dvs_snn.training.augmentation import affine_matrices, random_affine

torch.set_num_threads(1)


def _frames(n: int, seed: int = 0, height: int = 64, width: int = 64) -> torch.Tensor:
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.integers(0, 9, (n, 1, height, width)).astype(np.float32))


def _ours(frames: torch.Tensor, scale: float, right: int, down: int, degrees: float = 0.0):
    n, _, height, width = frames.shape
    matrices = affine_matrices(
        torch.full((n,), scale),
        torch.full((n,), math.radians(degrees)),
        torch.tensor([[right / width, down / height]] * n),
    )
    grid = affine_grid(matrices, list(frames.shape), align_corners=False)
    return grid_sample(frames, grid, mode="nearest", padding_mode="zeros", align_corners=False)


def _torchvision(frames, scale: float, right: int, down: int, clockwise: float = 0.0):
    return affine(
        frames, angle=clockwise, translate=[right, down], scale=scale, shear=[0.0, 0.0],
        interpolation=InterpolationMode.NEAREST,
    )  # fmt: skip


# Not 0.9: (5 k + 4.5) / 0.9 is the border of two pixels, where rounding decides.
@pytest.mark.parametrize("scale", [0.6, 0.77, 1.3])
@pytest.mark.parametrize("shift", [(0, 0), (12, -7)])
def test_matrices_scale_and_shift_a_batch_as_torchvision_does(scale, shift):
    frames = _frames(3)
    expected = _torchvision(frames, scale, *shift)
    # The two sum in another order: at most a pixel or two lie on the border of two others.
    assert (_ours(frames, scale, *shift) != expected).float().mean() < 2e-3
    oblong = _frames(2, height=20, width=40)
    assert torch.equal(_ours(oblong, 1.0, *shift), _torchvision(oblong, 1.0, *shift))


def test_angles_turn_counter_clockwise_as_displayed():
    frames = _frames(2)
    expected = np.rot90(frames.numpy(), 1, axes=(2, 3))
    np.testing.assert_array_equal(_ours(frames, 1.0, 0, 0, 90.0).numpy(), expected)
    turned = _ours(frames, 0.9, 5, 2, 17.0)
    # torchvision's angles are clockwise.
    assert (turned != _torchvision(frames, 0.9, 5, 2, -17.0)).float().mean() < 5e-3


def test_counts_stay_whole_scales_in_their_range_and_draws_repeat_with_the_generator():
    ranges = AffineRanges((0.6, 1.4), (0.2, 0.2), 20.0)
    first, again, other = (
        random_affine(_frames(8), ranges, torch.Generator().manual_seed(seed)) for seed in (7, 7, 8)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(first, first.round())
    assert float(first.max()) <= 8
    ranges = AffineRanges((0.6, 1.0), (0.0, 0.0), 0.0)
    scaled = random_affine(torch.ones(400, 1, 64, 64), ranges, torch.Generator().manual_seed(0))
    sides = scaled.sum(dim=(1, 2, 3)).sqrt() / 64
    assert 0.58 < float(sides.min()) < 0.63
    assert 0.97 < float(sides.max()) <= 1.0
    assert float(sides.mean()) == pytest.approx(0.8, abs=0.03)
    # Each is shifted by whole pixels of its own: a fifth of 64 to either side at most.
    dot = torch.zeros(60, 1, 64, 64)
    dot[:, :, 30, 30] = 1
    ranges = AffineRanges((1.0, 1.0), (0.2, 0.1), 0.0)
    places = random_affine(dot, ranges, torch.Generator().manual_seed(3)).nonzero()[:, 2:] - 30
    assert len(places) == 60
    assert places.abs().amax(dim=0).tolist() == [6, 13]


def test_all_steps_of_a_recording_are_mapped_alike():
    steps = torch.tensor([3, 1, 2])
    shown = _frames(3, 5)
    ranges = AffineRanges((0.5, 1.2), (0.2, 0.1), 20.0)
    whole = random_affine(shown, ranges, torch.Generator().manual_seed(3))
    repeated = shown.repeat_interleave(steps, dim=0)
    mapped = random_affine(repeated, ranges, torch.Generator().manual_seed(3), steps)
    assert torch.equal(mapped, whole.repeat_interleave(steps, dim=0))
