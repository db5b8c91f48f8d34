"""Devices: which one is taken, what is told, and a training on a GPU where there is one."""

import os
from dataclasses import replace

import pytest
import torch
from small_networks import offered
from small_trainings import (
    block_frames,
    coarse_network,
    three_to_one,
    trained,
    variant,
    weights_of,
)

from dvs_snn.files.errors import StudyError
from dvs_snn.networks.devices import choose_device, make_repeatable
from dvs_snn.settings.training_settings import AffineRanges
from dvs_snn.training.loop import TrainedNetwork

needs_gpu = pytest.mark.skipif(
    not torch.cuda.is_available(),
    reason="torch sees no GPU here: what a GPU computes is not tested",
)
SETTINGS = variant(
    epochs=4, batch_size=20, learning_rate=0.004, schedule="cosine",
    affine=AffineRanges((0.9, 1.1), (0.05, 0.05), 5.0), loss_on="potentials", dropout=0.1,
    averaging=0.9,
)  # fmt: skip


@pytest.fixture(autouse=True)
def small():
    """A network that trains within a second, offered as `small`; torch's flags as they were."""
    conv, matmul = torch.backends.cudnn.conv, torch.backends.cuda.matmul
    before = conv.fp32_precision, matmul.fp32_precision
    with offered(coarse_network, "small"):
        yield
    torch.use_deterministic_algorithms(False)
    torch.utils.deterministic.fill_uninitialized_memory = True
    conv.fp32_precision, matmul.fp32_precision = before


def _see(monkeypatch, is_visible: bool) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: is_visible)


def _trained(device: str) -> TrainedNetwork:
    return trained("small", three_to_one(*block_frames(200)), replace(SETTINGS, device=device))


def test_auto_takes_a_gpu_where_one_is_visible_and_else_what_is_asked_for(monkeypatch):
    for wanted, is_visible, expected in (
        ("auto", False, "cpu"),
        ("auto", True, "cuda"),
        ("cpu", True, "cpu"),
        ("cuda", True, "cuda"),
    ):
        _see(monkeypatch, is_visible)
        assert choose_device(wanted).type == expected


def test_training_refuses_a_gpu_that_is_not_visible(monkeypatch):
    _see(monkeypatch, False)
    told = "training.device is 'cuda', but .* sees no GPU, .* to cpu"
    with pytest.raises(StudyError, match=told):
        _trained("cuda")


def test_a_processor_is_left_as_it_is(monkeypatch):
    _see(monkeypatch, False)
    assert make_repeatable(torch.device("cpu")) == {}
    assert not torch.are_deterministic_algorithms_enabled()
    asked, auto = _trained("cpu"), _trained("auto")
    assert (auto.device, auto.flags) == ("cpu", {})
    assert weights_of(asked) == weights_of(auto)


def test_cuda_is_made_to_repeat_itself_in_full_precision(monkeypatch):
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    torch.backends.cudnn.conv.fp32_precision = "tf32"
    flags = make_repeatable(torch.device("cuda"))
    assert flags == {
        "use_deterministic_algorithms": "on", "CUBLAS_WORKSPACE_CONFIG": ":16:8",
        "cudnn.benchmark": "off", "fp32_precision": "ieee",
    }  # fmt: skip
    assert torch.are_deterministic_algorithms_enabled()
    assert torch.backends.cudnn.conv.fp32_precision == "ieee"
    assert torch.backends.cuda.matmul.fp32_precision == "ieee"
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG")
    assert make_repeatable(torch.device("cuda"))["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"


@needs_gpu
def test_training_on_a_gpu_repeats_itself_and_learns_as_the_processor_does():
    first, second, ours = _trained("cuda"), _trained("cuda"), _trained("cpu")
    assert weights_of(first) == weights_of(second)
    assert first.curve == second.curve
    assert first.flags
    assert first.device != "cpu"
    assert all(value.device.type == "cpu" for value in first.model.state_dict().values())
    assert first.curve[0].loss == pytest.approx(ours.curve[0].loss, abs=0.1)
    assert first.curve[-1].validation_accuracy == pytest.approx(
        ours.curve[-1].validation_accuracy, abs=0.06
    )
