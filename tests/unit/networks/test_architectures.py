"""What the networks are, and what can't be a network of the study."""

import importlib
import sys

import pytest
import torch
from small_networks import offered
from torch import nn

from dvs_snn.files.errors import StudyError
from dvs_snn.networks import kinds
from dvs_snn.networks.architectures import build_network, describe_layers
from dvs_snn.networks.geometry import Pool

torch.set_num_threads(1)


def test_the_networks_by_hand():
    layers = describe_layers("tutorial", build_network("tutorial"))
    assert [layer.name for layer in layers] == ["conv1", "conv2", "conv3", "fc1", "fc2"]
    assert [layer.kind for layer in layers] == ["conv", "conv", "conv", "linear", "linear"]
    shapes = [(1, 64, 64), (8, 62, 62), (32, 29, 29), (16, 12, 12), (32,), (10,)]
    assert [layer.input_shape for layer in layers] == shapes[:-1]
    assert [layer.output_shape for layer in layers] == shapes[1:]
    assert [[pool.output_shape for pool in layer.pools] for layer in layers] == [
        [], [(8, 31, 31)], [(32, 14, 14)], [(16, 6, 6)], []
    ]  # fmt: skip
    assert layers[1].pools == (Pool((2, 2), (2, 2), (0, 0), (8, 31, 31), 4),)
    macs = [8 * 62**2 * 9, 32 * 29**2 * 8 * 9, 16 * 12**2 * 32 * 9, 576 * 32, 32 * 10]
    assert [layer.macs for layer in layers] == macs
    assert all("bias" not in name for name, _ in build_network("tutorial").named_parameters())
    for name, weights, sum_of_macs in (
        ("tutorial", [72, 2304, 4608, 18432, 320], 2_896_736),
        ("strided", [72, 2304, 4608, 36864, 320], 1_611_104),
        ("strided-wide", [72, 2304, 9216, 73728, 320], 2_426_720),
    ):
        layers = describe_layers(name, build_network(name))
        assert [layer.weights for layer in layers] == weights
        assert sum(layer.macs for layer in layers) == sum_of_macs


def test_geometry_is_read_from_the_module_itself():
    network = nn.Sequential(
        nn.AvgPool2d(3, stride=2, padding=1),
        nn.Conv2d(1, 4, (3, 5), stride=(2, 1), padding=(1, 0), dilation=2, bias=True),
        nn.ReLU(), nn.Dropout(), nn.AvgPool2d((2, 4)), nn.AvgPool2d(2),
        nn.Conv2d(4, 6, 1, groups=2, bias=False), nn.ReLU(),
        nn.Flatten(), nn.Linear(6 * 3 * 3, 10), nn.ReLU(),
    )  # fmt: skip
    first, second, last = describe_layers("own", network)
    assert first.pools == (Pool((3, 3), (2, 2), (1, 1), (1, 32, 32), 9),)
    assert (first.kernel, first.stride, first.padding) == ((3, 5), (2, 1), (1, 0))
    assert (first.dilation, first.groups) == ((2, 2), 1)
    # Rows: (32 + 2 - 4 - 1) // 2 + 1 = 15; columns: 32 - 8 - 1 + 1 = 24.
    assert first.output_shape == (4, 15, 24)
    assert (first.weights, first.macs) == (64, 60 * 15 * 24)
    assert second.pools == (
        Pool((2, 4), (2, 4), (0, 0), (4, 7, 6), 8),
        Pool((2, 2), (2, 2), (0, 0), (4, 3, 3), 4),
    )
    assert (second.input_shape, second.groups, second.macs) == ((4, 15, 24), 2, 12 * 9)
    assert (last.input_shape, last.weights) == ((6, 3, 3), 550)


def _tail(n: int) -> list[nn.Module]:
    return [nn.Flatten(), nn.Linear(n, 10), nn.ReLU()]


REFUSED = {
    "no final ReLU": ([nn.Flatten(), nn.Linear(4096, 10)], "data.classes, and a ReLU"),
    "nine outputs": ([nn.Flatten(), nn.Linear(4096, 9), nn.ReLU()], "ends in shape (9,)"),
    "another input": ([nn.Conv2d(3, 4, 3)], "can't take an input of shape (1, 64, 64)"),
    "no ReLU between": (
        [nn.Conv2d(1, 2, 3), nn.Conv2d(2, 2, 3), nn.ReLU(), *_tail(7200)],
        "layer 1 (Conv2d) follows a weighted layer without a ReLU between",
    ),
    "a ReLU too many": (
        [nn.Conv2d(1, 1, 64), nn.ReLU(), nn.ReLU(), *_tail(1)],
        "layer 2 (ReLU) doesn't follow a weighted layer",
    ),
    "a pool before the ReLU": (
        [nn.Conv2d(1, 1, 3), nn.AvgPool2d(2), nn.ReLU(), *_tail(961)],
        "stands before the ReLU",
    ),
    "ceil_mode": (
        [nn.Conv2d(1, 1, 62), nn.ReLU(), nn.AvgPool2d(2, ceil_mode=True), *_tail(4)],
        "doesn't average whole windows",
    ),
    "reflected padding": (
        [nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect"), nn.ReLU(), *_tail(4096)],
        "filled with zeros",
    ),
    "a linear layer on maps": (
        [nn.Linear(64, 3), nn.ReLU(), *_tail(192)], "needs a Flatten before it"
    ),
    "max pooling": (
        [nn.Conv2d(1, 1, 3), nn.ReLU(), nn.MaxPool2d(2), *_tail(961)],
        "layer 2 (MaxPool2d) is not a layer that can be converted",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_networks_that_cannot_be_counted_are_refused_in_one_sentence(case):
    parts, expected = REFUSED[case]
    with pytest.raises(StudyError) as error:
        describe_layers("own", nn.Sequential(*parts), 10)
    assert expected in str(error.value)
    assert str(error.value).startswith("model.name 'own': ")
    assert str(error.value).endswith("change workflow/scripts/dvs_snn/networks/kinds/own.py.")


def test_an_unknown_network_is_told_with_those_that_are_known():
    with pytest.raises(StudyError, match=r"'resnet', expected one of .*strided.*tutorial"):
        build_network("resnet")


OWN = """from torch import nn


def build(n_classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(4096, n_classes), nn.ReLU())
"""
PLACE = "workflow/scripts/dvs_snn/networks/kinds/mine.py"


@pytest.mark.parametrize(
    ("right", "wrong", "what"),
    [
        ("Flatten(),", "Flatten()", "(SyntaxError: invalid syntax"),
        ("import nn", "import nm", "cannot import name 'nm' from 'torch'"),
        ("nn.Linear", "nn.linear", "(AttributeError: module 'torch.nn' has no"),
        ("4096", "n", "(NameError: name 'n' is not defined"),
        ("n_classes)", "m_classes)", "lacks the function build(n_classes)"),
        ("(n_classes):", "():", "lacks the function build(n_classes)"),
        ("def build", "def biuld", "lacks the function build(n_classes)"),
        ("return", "a =", "build returns NoneType, expected an nn.Sequential"),
    ],
)
def test_a_slip_in_ones_own_network_is_told_as_ones_own(tmp_path, monkeypatch, right, wrong, what):
    file = tmp_path / PLACE
    file.parent.mkdir(parents=True)
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(file.parent)])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def build() -> nn.Sequential:
        importlib.invalidate_caches()
        sys.modules.pop("dvs_snn.networks.kinds.mine", None)
        return build_network("mine", 3)

    file.write_text(OWN.replace(right, wrong, 1))
    with pytest.raises(StudyError) as caught:
        build()
    assert f"{PLACE}: " in str(caught.value)
    assert what in str(caught.value)
    assert str(caught.value).endswith("correct that file.")
    file.write_text(OWN)
    assert build()[1].out_features == 3


def test_a_network_has_an_output_for_each_class_or_must_fit_the_classes():
    for name, n_classes in (("tutorial", 2), ("strided-wide", 3), ("strided", 100)):
        network = build_network(name, n_classes)
        assert network(torch.zeros(1, 1, 64, 64)).shape == (1, n_classes)
    with offered(lambda: nn.Sequential(*_tail(4096)), "fixed") as name:
        assert build_network(name)[-2].out_features == 10
        told = r"it ends in shape \(10,\), expected 3 outputs, one for each of data.classes"
        with pytest.raises(StudyError, match=told):
            build_network(name, 3)
