"""Every mistake in the settings is one sentence that names the key."""

import json
import runpy
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from dvs_snn.files.errors import StudyError
from dvs_snn.plan.named_files import check_weights
from dvs_snn.plan.study_plan import plan_of
from dvs_snn.settings.method_settings import Variant
from dvs_snn.settings.mistakes import check_yaml
from dvs_snn.settings.study_settings import (
    WORKFLOW,
    as_dict,
    layered,
    merged,
    read_configs,
    read_study,
    variants_of,
)
from dvs_snn.settings.variants import methods, variant_of

ODD_NAMES = ["../../x", "a;b", "x" * 300, "Ä", "a\n", "", "-x", "{seed}"]
ODD_PATHS = ["data/{seed}", "<results>/x", "a\nb", "a\x1b[31mb"]
ROOT = Path(__file__).parents[3]
PRESETS = sorted(
    path
    for path in (WORKFLOW / "presets").glob("*.yaml")
    if "removed" not in yaml.safe_load(path.read_text(encoding="utf-8"))
)


@pytest.fixture
def config() -> dict:
    """The default study: simulated, so that it needs no folder."""
    return yaml.safe_load((ROOT / "config.yaml").read_text())


def _refused(config: dict, changes: dict) -> str:
    """Check as the workflow does when it is read, and return the sentence of the mistake."""
    with pytest.raises(StudyError) as error:
        plan_of(merged(config, changes), ROOT)
    message = str(error.value)
    assert "\n" not in message
    assert message.startswith("config key ")
    return message


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_presets_are_valid_and_undo_nothing(config, preset):
    changes = yaml.safe_load(preset.read_text())
    read_study(merged(config, changes))
    source = changes.get("data", {}).get("source", "simulated")
    below = merged(config, {"data": {"source": source, "folder": "x"}})
    tuned = as_dict(read_study(below))
    for section in changes.keys() - {"study", "seeds", "recordings", "data"}:
        for key, value in changes[section].items():
            assert tuned[section].get(key) != value, f"{section}.{key} says what holds already"


def test_the_preset_of_methods_has_every_method(config):
    changes = yaml.safe_load((WORKFLOW / "presets" / "methods.yaml").read_text())
    variants = variants_of(read_study(merged(config, changes))).values()
    assert {variant.method for variant in variants} == {*methods()}


def test_each_layer_lies_over_the_one_below(config):
    own = {"data": {"source": "nmnist"}, "training": {"affine": {"degrees": 3}}}
    study = read_study(merged(config, own))
    # Of the model, of the source's file, of config.yaml and of one's own.
    assert study.training.keep == "best"
    assert study.training.affine.scale == (0.7, 1.0)
    assert study.seeds == (1, 2)
    assert study.training.affine.degrees == 3.0


def test_the_settings_that_were_used_make_the_same_study_again(config):
    used = as_dict(read_study(config))
    assert yaml.safe_load(yaml.safe_dump(used)) == used
    assert as_dict(read_study(used)) == used
    # What files say is in force as they say it.
    assert merged(used, layered(config)) == used


def test_a_variant_is_the_training_with_its_changes(config):
    wide = {"epochs": 3, "affine": {"degrees": 5}, "scales": None}
    timed = {"method": "bptt", "start": "plain", "scales": [2.0, 0.5], "min_v_mem": None}
    changes = {"conversion": {"min_v_mem": -3.0}, "variants": {"wide": wide, "timed": timed}}
    study = read_study(merged(config, changes))
    plain, wide, timed = (variants_of(study)[name] for name in ("plain", "wide", "timed"))
    assert as_dict(study.training).items() <= as_dict(plain).items()
    assert (plain.method, plain.start, plain.through_time) == ("rescaled", None, False)
    assert (plain.scales, plain.min_v_mem) == (study.sweep.scales, -3.0)
    assert (wide.epochs, wide.affine.degrees, wide.affine.scale) == (3, 5.0, (1.0, 1.0))
    assert (wide.learning_rate, wide.scales) == (study.training.learning_rate, study.sweep.scales)
    assert (timed.scales, timed.min_v_mem, timed.through_time) == ((2.0, 0.5), None, True)


def test_given_weights_stand_beside_scales_and_a_bound_and_change_no_training(config, tmp_path):
    file = tmp_path / "w.pt"
    file.touch()
    given = {"weights": str(file), "scales": [2.0], "min_v_mem": None, "method": "rescaled"}
    own = {"variants": {"mine": given}}
    variants = variants_of(read_study(merged(config, own)))
    assert variants["mine"].scales == (2.0,)
    results = tmp_path / "results/mine"
    check_weights(variants, results)
    (tmp_path / "folder.pt").mkdir()
    (tmp_path / "w.txt").touch()
    for name in ("no.pt", "folder.pt", "w.txt"):
        with pytest.raises(StudyError, match="variants.mine.weights is .*, expected a file of a"):
            check_weights({"mine": _given(tmp_path / name)}, results)


def _given(file: Path) -> Variant:
    return variant_of({"method": "rescaled", "weights": str(file)})


def test_weights_out_of_the_studys_own_results_are_told(tmp_path, monkeypatch):
    """Its rules would make the file again, for a variant that the study may not have."""
    monkeypatch.chdir(tmp_path)
    file = Path("results/mine/work/training/lean/seed-1/weights.safetensors")
    file.parent.mkdir(parents=True)
    file.touch()
    with pytest.raises(StudyError, match=rf"a.weights is '{file}'.* outside of results/mine/; cop"):
        check_weights({"a": _given(file)}, Path("results/mine"))


def test_null_leaves_a_variant_out_and_stays_in_the_settings_that_were_used(config):
    study = read_study(merged(config, {"variants": {"lean": None}}))
    assert list(variants_of(study)) == ["plain"]
    assert as_dict(study)["variants"] == {"plain": {}, "lean": None}
    with pytest.raises(StudyError, match="variants has only null or nir"):
        read_study(merged(config, {"variants": {"lean": None, "plain": None}}))


def test_a_home_folder_is_expanded(config, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    own = {"data": {"source": "folder", "folder": "~/digits"}}
    assert read_study(merged(config, own)).data.folder == str(tmp_path / "digits")


def _variant(method: str | None, **changes: object) -> dict:
    return {"variants": {"v": {"method": method, **changes}}}


def _set(name: str, **changes: object) -> dict:
    return {"evaluation": {"sets": [{"name": name, **changes}]}}


def _simulation(**changes: object) -> dict:
    return {"simulation": changes}


CIRCLE = {"a": {"start": "b"}, "b": {"start": "c"}, "c": {"start": "b"}}
TRAINED = {"weights": "v.pt", "epochs": 4, "start": "plain"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # Of each kind that a type has: unknown, wrong type, limits, choices, patterns, lists.
        ({"trainng": {}}, "config key trainng is not a known key; did you mean 'training'?"),
        ({"training": {"epochs": 0}}, "training.epochs is 0, expected greater than or equal to 1"),
        ({"training": None}, "config key training is empty, expected a section of keys"),
        (
            {"model": {"name": "resnet"}},
            "model.name is 'resnet', for which workflow/scripts/dvs_snn/networks/kinds/ has no mo",
        ),
        ({"sweep": {"scales": [0.125]}}, "scales.0 is 0.125, expected at most two decimals, such"),
        ({"choice": {"exits": [4, 4]}}, "choice.exits is [4, 4], expected no entry twice"),
        ({"power": {"energy_band_pj": [1]}}, "energy_band_pj is [1], expected at least 2 items"),
        ({"power": {"energy_band_pj": [105.0, 0.9]}}, "[105.0, 0.9], expected smallest first"),
        # In joules.
        (
            {"power": {"energy_per_synop_pj": 1e-11}},
            "expected greater than or equal to 0.001 (energy of one synaptic operation, in pJ)",
        ),
        ({"inference": {"step_ms": 10000.0}}, "step_ms is 10000.0, expected less than or equal to"),
        ({"training": {"learning_rate": 6.0}}, "is 6.0, expected less than or equal to 1"),
        ({"training": {"epochs": 20.0}}, "is 20.0, expected a whole number, written without a"),
        ({"scales": [1.0]}, "scales is not a known key; it belongs below data or sweep."),
        ({"sets": []}, "sets is not a known key; it belongs below simulation or evaluation."),
        (
            {
                "evaluation": {
                    "sets": [{"name": n, "folder": f} for n, f in (("a", "x"), ("b", "./x"))]
                }
            },
            "names the folder './x' for 'b' and for 'a'; leave one of them out.",
        ),
        ({"inference": {"engine": "event"}}, "expected one of own, sinabs."),
        ({"variants": {"v": {"device": "cuda"}}}, "variants.v.device is not a known key of a var"),
        ({"variants": {"v": {"start": "plan"}}}, "v.start is 'plan', expected one of plain, lean"),
        ({"variants": {"v": TRAINED}}, "variants.v has weights and also epochs, start, expected"),
        ({"variants": CIRCLE}, "variants.a.start leads in a circle (b from c from b), expected"),
        (
            _variant("ann"),
            "variants.v.method is 'ann', for which workflow/scripts/dvs_snn/training/methods/ has "
            "no module: add one of your own, or correct the name; expected one of bptt, mac-loss,",
        ),
        (_variant("synop-los"), "or correct the name; did you mean 'synop-loss'?"),
        (_variant(None), "variants.v.method is empty, expected text"),
        (
            _variant("bptt"),
            "v.start is missing (variant from whose weights it starts); add it.",
        ),
        (
            _variant("synop-loss", start="plain"),
            "v.synops is missing (limit of unpaid SynOps, in",
        ),
        (_variant("mac-loss", start="plain", synops=5), "variants.v.cnn_scales is missing (scales"),
        (
            _variant("qcfs", start="plain", kept_shar=4),
            "kept_shar is not a known key; expected",
        ),
        (
            {"data": {"source": "tutorial"}} | _variant("bptt", start="plain"),
            "variants.v.method is 'bptt', which trains on recordings, but data.source is 'tuto",
        ),
        ({"data": {"classes": ["a", "b"]}}, "is a, b, but data.source is 'simulated', which has"),
        (
            {"data": {"source": "folder", "folder": "x", "classes": ["a", "b"]}}
            | _simulation(real_twins="n"),
            "simulation.real_twins is 'n', which needs the ten digits",
        ),
        ({"data": {"source": "folder"}}, "config key data.folder is empty, expected a folder"),
        ({"data": {"source": "folder", "folder": "no/where"}}, "folder: no/where: no such folder"),
        ({"data": {"source": "nmnist", "test_folder": "no"}}, "but the recordings come from arch"),
        ({"data": {"sensor_size": [34, 34]}}, "sensor_size is [34, 34], which simulated record"),
        (
            _set("Test", folder="x"),
            "and the study's own (validation, test, saccades-test",
        ),
        (
            {"variants": {"plain": {}, "Plain": {}}},
            "variants has 'Plain', expected a name unlike",
        ),
        (
            _simulation(sets={"slow": {"scene": "saccades"}}) | _set("slow", folder="x"),
            "config key evaluation.sets has 'slow', expected a name unlike all others and",
        ),
        (
            _simulation(sets={"slow": {"scene": "saccades", "scales": [4]}}),
            "simulation.sets.slow.scales is [4], but the scene saccades has only one size",
        ),
        (_simulation(scenes={"paper": {"sensor": "davis"}}), "paper.sensor is 'davis', expected"),
        (_simulation(symbols={"source": "torchvision"}), "simulation.symbols.folder is empty"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(config, changes, expected):
    assert expected in _refused(config, changes)


@pytest.mark.parametrize("text", ["1e-7", "4"])
def test_a_number_that_yaml_reads_as_text_is_told_as_yaml_reads_it(config, text):
    sentence = _refused(config, _simulation(training={"saccades": {"step_ms": text}}))
    number = yaml.safe_load(sentence.split(": write ")[1].split(" without quotes")[0])
    assert isinstance(number, int | float)
    assert number == float(text)


def test_a_missing_key_is_told(config):
    sentence = _refused(config, _simulation(sensors={"mine": {"threshold_on": 0.2}}))
    assert "config key simulation.sensors.mine.threshold_off is missing (contrast of" in sentence


def test_a_key_that_stands_twice_is_told(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("training:\n  epochs: 3\n  keep: last\n  epochs: 4\nseeds: [1]\n")
    with pytest.raises(StudyError, match="mine.yaml line 4: the key training.epochs stands there"):
        check_yaml(path)
    path.write_text("a: &x {b: 1, c: [{d: 1}, {d: 2}]}\ne: *x\nf: {b: 2}\n")
    check_yaml(path)
    for config_file in (ROOT / "config.yaml", *PRESETS, *(WORKFLOW / "settings").glob("*.yaml")):
        check_yaml(config_file)


def test_a_decimal_comma_is_told_by_its_key(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("power: {energy_per_synop_pj: 5,0}")
    with pytest.raises(StudyError, match="line 1: the key power.0 is no text; .* a decimal"):
        read_configs([ROOT / "config.yaml", path])


def test_the_page_and_the_editors_schema_are_up_to_date():
    page = runpy.run_path(str(ROOT / "docs" / "config.py"))
    for path, text in page["generated"]().items():
        assert path.read_text(encoding="utf-8") == text, "run python docs/config.py"


def test_an_editor_finds_what_the_study_would_refuse():
    schema = json.loads((WORKFLOW / "schemas" / "config.schema.json").read_text(encoding="utf-8"))
    valid = Draft202012Validator(schema)
    for path in (ROOT / "config.yaml", *PRESETS, *(WORKFLOW / "settings").glob("*.yaml")):
        valid.validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    # A file below may have named the method.
    assert valid.is_valid({"variants": {"v": {"frame_steps": 3}}})
    odd_variants = ({"epoch": 3}, {"device": "cpu"}, {"method": "qcfs", "frame_steps": 3})
    for wrong in ({"trainng": {}}, {"seeds": ["1"]}):
        assert not valid.is_valid(wrong)
    for wrong in odd_variants:
        assert not valid.is_valid({"variants": {"v": wrong}})
    first = (ROOT / "config.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=workflow/schemas/config.schema.json"


@pytest.mark.parametrize("name", ODD_NAMES)
def test_no_name_that_stands_in_paths_is_odd(config, name):
    for changes in ({"study": name}, {"variants": {name: {}}}, _set(name, folder="x")):
        assert "expected" in _refused(config, changes)


@pytest.mark.parametrize("path", ODD_PATHS)
def test_paths_that_snakemake_would_take_for_patterns_are_refused(config, path):
    data = {"data": {"source": "folder", "folder": path}}
    for changes in (data, _set("a", folder=path), _simulation(real_twins=path)):
        assert "expected a path without braces" in _refused(config, changes)
