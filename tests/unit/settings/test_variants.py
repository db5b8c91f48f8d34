"""Each method knows its own keys: no others are accepted, and its training depends on these."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

from dvs_snn.files.errors import StudyError
from dvs_snn.settings.method_settings import Pays, Variant
from dvs_snn.settings.study_settings import as_dict, merged, read_study, variants_of
from dvs_snn.settings.variants import (
    TrainedVariant,
    keys_of,
    methods,
    section_of,
    trained_by,
    variant_of,
)

CONFIG = yaml.safe_load((Path(__file__).parents[3] / "config.yaml").read_text(encoding="utf-8"))
KNOWN = {method: keys_of(section_of(method)) for method in methods()}
KEYS = sorted({key for keys in KNOWN.values() for key in keys} - {"device"})
NEEDED = {"start": "plain", "synops": 5e5, "cnn_scales": [1.0]}
"""Values of the keys that a method may need."""

READING = {"start", "scales", "cnn_scales", "min_v_mem", "weights"}
"""Keys of a network that is trained already, or of the one before."""


def _read(**changes: Any) -> Variant:
    """Return the variant `v` of a study that adds it to the default."""
    return variants_of(read_study(merged(CONFIG, {"variants": {"v": changes}})))["v"]


def _needed(method: str) -> dict[str, Any]:
    return {"method": method, **{key: NEEDED[key] for key in NEEDED if key in KNOWN[method]}}


@pytest.mark.parametrize(
    ("method", "key"),
    [(method, key) for method in KNOWN for key in KEYS if key not in KNOWN[method]],
)
def test_a_key_of_other_methods_is_refused_with_those_that_know_it(method, key):
    with pytest.raises(StudyError) as error:
        _read(**_needed(method), **{key: 1})
    before, _, after = str(error.value).partition("; ")
    assert before == f"config key variants.v.{key} is not known to method {method}"
    knowing, _, remedy = after.partition(" know")
    assert remedy.removeprefix("s") == " it: leave it out, or change the method."
    others = [other for other in KNOWN if key in KNOWN[other]]
    assert knowing.replace(" and ", ", ").split(", ") == others


def test_one_method_knows_a_key_and_several_know_it():
    with pytest.raises(StudyError) as error:
        _read(method="synop-loss", start="plain", synops=5e5, kept_share=0.5)
    assert str(error.value) == (
        "config key variants.v.kept_share is not known to method synop-loss; pruned knows it: "
        "leave it out, or change the method."
    )
    with pytest.raises(StudyError, match="rescaled; pruned, quantised and synop-loss know it"):
        _read(frame_steps=4)


@pytest.mark.parametrize("method", KNOWN)
def test_the_keys_that_a_method_knows_are_accepted(method):
    values = as_dict(variant_of(_needed(method)))
    changes = {key: value for key, value in values.items() if key not in ("device", "weights")}
    variant = _read(**changes)
    assert type(variant) is section_of(method)
    read = as_dict(variant)
    assert {key: read[key] for key in changes if key != "scales"} == {
        key: value for key, value in changes.items() if key != "scales"
    }


@pytest.mark.parametrize("method", KNOWN)
def test_a_method_takes_from_the_shared_training_what_it_knows(method):
    training = {"epochs": 11, "dropout": 0.25, "loss_on": "outputs", "precision": "bfloat16"}
    shared = merged(CONFIG, {"training": training, "variants": {"v": _needed(method)}})
    variant = as_dict(variants_of(read_study(shared))["v"])
    assert {key: variant[key] for key in training if key in variant} == {
        key: value for key, value in training.items() if key in KNOWN[method]
    }


@pytest.mark.parametrize("method", KNOWN)
def test_a_training_depends_on_the_keys_of_its_method_and_comes_back_from_them(method):
    """The start's weights are a file, and the bound is passed on where it matters."""
    variant = variant_of(_needed(method))
    training = trained_by(variant)
    assert {*training} == {*KNOWN[method]} - READING
    again = TypeAdapter(TrainedVariant).validate_python(json.loads(json.dumps(training)))
    assert type(again) is section_of(method)
    assert trained_by(again) == training


def test_a_training_depends_on_neither_scales_nor_start_nor_lower_bound():
    more = {"start": "plain", "scales": [2.0], "min_v_mem": -2.0, "cnn_scales": [3.0]}
    first, same, cheaper = (
        trained_by(variant_of({"method": "synop-loss", "synops": 5.0, "start": "lean", **changes}))
        for changes in ({}, more, {"synops": 6.0})
    )
    assert first == same != cheaper


def test_the_limit_on_synops_falls_by_equal_factors():
    falling = {"synops": 1000.0, "synops_start": 16000.0, "synops_fall": 0.5}
    for changes, expected in (
        (falling, [16000.0, 8000.0, 4000.0, 1000.0, 1000.0]),
        ({"synops": 1000.0}, [1000.0] * 5),
        ({}, [None] * 5),
    ):
        variant = variant_of({"method": "pruned", **changes})
        assert isinstance(variant, Pays)
        assert [variant.synops_limit(done) for done in (0, 0.125, 0.25, 0.5, 0.9)] == expected


def test_the_device_is_that_of_all_trainings():
    with pytest.raises(StudyError, match="v.device is not a known key of a variant; set"):
        _read(device="cuda")
