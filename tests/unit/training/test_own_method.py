"""A method of one's own is one file: its section, its forward pass, and nothing that lists it."""

import sys
from pathlib import Path

import pytest
import yaml
from small_networks import offered
from small_trainings import block_frames, coarse_network, three_to_one, trained, variant, weights_of

from dvs_snn.files.errors import StudyError
from dvs_snn.networks.architectures import build_network
from dvs_snn.plan.study_plan import Plan, plan_of
from dvs_snn.settings.study_settings import merged
from dvs_snn.settings.variants import METHODS, methods, trained_by
from dvs_snn.training import methods as package

ROOT = Path(__file__).parents[3]
MODULE = """
from dvs_snn.settings.base import Positive, key, named_section
from dvs_snn.settings.method_settings import Converted, Further
from dvs_snn.settings.training_settings import GradientSettings
from dvs_snn.training.methods import rescaled


@named_section
class LouderSettings(Further, Converted, GradientSettings):
    loudness: Positive = key("factor on frames")


SETTINGS = LouderSettings
finish = rescaled.finish


def forward_of(model, layers, task, precision):
    potentials = model[:-1]
    return lambda batch: (potentials(batch.images * task.settings.loudness), None)
"""


@pytest.fixture
def file(tmp_path, monkeypatch) -> Path:
    """The file of a method `much-louder`, in a folder that is one more of the methods'."""
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    file = tmp_path / "much_louder.py"
    file.write_text(MODULE)
    yield file
    sys.modules.pop(f"{METHODS}.much_louder", None)


def _planned(**changes: object) -> Plan:
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    return plan_of(merged(config, {"variants": {"loud": changes}}), ROOT)


def test_its_settings_are_its_own(file):
    assert "much-louder" in methods()
    plan = _planned(method="much-louder", start="plain", loudness=2.0, epochs=3)
    assert plan.training_module("loud") == f"{METHODS}.much_louder"
    assert plan.training_files("loud")["start"].split("/")[2] == "plain"
    training = trained_by(plan.variants["loud"])
    assert (training["loudness"], training["epochs"]) == (2.0, 3)
    # A study without it trains nothing again.
    assert "loudness" not in trained_by(plan.variants["lean"])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"start": "plain"}, r"loud.loudness is missing \(factor on frames\); add it."),
        ({"loudness": 1}, "loud.start is missing"),
        ({"start": "plain", "loudness": 1, "synops": 5}, "to method much-louder; bptt, mac-loss,"),
        ({"method": "qcfs", "loudness": 1}, "not known to method qcfs; much-louder knows it: le"),
    ],
)
def test_its_mistakes_are_told(file, changes, sentence):
    with pytest.raises(StudyError, match=sentence):
        _planned(**{"method": "much-louder", **changes})


def test_a_file_without_a_section_is_told(file):
    file.write_text(MODULE.replace("SETTINGS =", "SETING ="))
    sentence = "much_louder.py: lacks the SETTINGS, a class derived from Variant; correct that file"
    with pytest.raises(StudyError, match=sentence):
        _planned(method="much-louder", start="plain", loudness=2.0)


def test_it_trains(file):
    material = three_to_one(*block_frames(40))
    with offered(coarse_network, "coarse") as name:
        start = build_network(name)

        def weights(**keys: float) -> list[bytes]:
            settings = variant("much-louder", epochs=1, **keys)
            return weights_of(trained(name, material, settings, start=start))

        assert weights(loudness=1.0) != weights(loudness=2.0)
