"""The plan of a study: what it runs, by its settings."""

import os
from pathlib import Path

import pytest
import yaml

from dvs_snn.files.errors import StudyError
from dvs_snn.plan.code import modules_of
from dvs_snn.plan.study_plan import plan_of, rerun_command
from dvs_snn.settings.network_settings import NeuronParameters
from dvs_snn.settings.study_settings import merged

ROOT = Path(__file__).parents[3]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
WEIGHTS = "<work>/training/{}/seed-{{seed}}/weights.safetensors"
VARIANTS = {
    "plain": {},
    "lean": None,
    "levels": {"method": "qcfs", "start": "plain", "scales": [0.5]},
    "cheap": {"method": "synop-loss", "start": "plain", "synops": 5e5},
    "cheaper": {"method": "synop-loss", "start": "cheap", "synops": 4e5, "teacher_weight": 0.5},
    "timed": {"method": "bptt", "start": "cheap", "min_v_mem": -1.0},
}


def planned(**changes):
    return plan_of(merged(CONFIG, changes), ROOT)


@pytest.fixture
def digits(tmp_path):
    for name in ("3/a.bin", "4/b.AEDAT"):
        (tmp_path / "digits" / name).parent.mkdir(parents=True)
        (tmp_path / "digits" / name).write_bytes(b"")
    return str(tmp_path / "digits")


def test_a_simulated_study_evaluates_three_of_its_sets_together():
    plan = planned()
    assert (plan.is_simulated, plan.is_tutorial, plan.is_files) == (True, False, False)
    assert plan.batches["joint"].sets == ("validation", "test", "saccades-test")
    assert plan.simulated_sets == [*plan.batches["joint"].sets, "small"]
    assert plan.test_sets == ["test", "saccades-test"]
    assert plan.added_sets == []
    assert plan.unpacked == []
    assert plan.verified_set == "test"
    assert {"calibration", "probes", "verification"} <= set(plan.tables)


def test_sets_that_settings_add_have_jobs_of_their_own(digits):
    plan = planned(
        evaluation={"sets": [{"name": "mine", "folder": digits}]},
        simulation={
            "sets": {
                "small": {"scene": "mnist-dvs"},
                "large": {"scene": "mnist-dvs", "networks": "all"},
            },
            "real_twins": digits,
        },
    )
    assert plan.batches_of("trained") == ["joint", "set-real-twins", "set-large", "set-mine"]
    assert plan.batches_of("trained", of_quoted=True) == ["set-small"]
    assert plan.added_sets == ["mine"]


def test_a_tutorial_without_sets_has_no_table_of_any():
    plan = planned(data={"source": "tutorial"}, recordings="workflow/data/recordings-tutorial.tsv")
    assert plan.sets == {}
    assert (plan.is_tutorial, plan.verified_set) == (True, None)
    assert not {"probes", "verification", "calibration"} & set(plan.tables)


def test_archives_are_unpacked_part_by_part():
    plan = planned(data={"source": "nmnist"}, recordings="workflow/data/recordings-nmnist.tsv")
    assert plan.is_files
    assert plan.unpacked == [f"<work>/recordings/unpacked/{part}" for part in ("train", "test")]
    assert plan.sets["test"].made == tuple(plan.unpacked)


def test_a_training_reads_its_material_its_start_and_its_teacher():
    plan = planned(variants=VARIANTS)
    folder = "<work>/frames"
    frames = {"frames": f"{folder}/frames.npy", "index": f"{folder}/index.csv"}
    assert plan.training_files("plain") == frames
    assert plan.training_files("cheap") == frames | {"start": WEIGHTS.format("plain")}
    chained = {"start": WEIGHTS.format("cheap"), "teacher": WEIGHTS.format("plain")}
    assert plan.training_files("cheaper") == frames | chained
    files = plan.training_files("timed")
    assert files["events"] == "<work>/events/training.npy"
    assert files["table"] == "<work>/events/training.csv"
    assert plan.training_module("cheap") == "dvs_snn.training.methods.synop_loss"
    # No training runs the engine, so a change of it trains nothing again.
    loads = {name: modules_of("train", plan.training_module(name)) for name in plan.variants}
    engine = "dvs_snn.engines.kinds.own"
    assert not [name for name in loads if engine in loads[name]]


def test_the_cnn_of_a_variant_is_the_one_that_its_chain_sets_out_from():
    more, counted = {"start": "plain"}, {"method": "quantised", "start": "more"}
    timed = {"method": "bptt", "start": "counted"}
    plan = planned(variants={"lean": None, "more": more, "counted": counted, "timed": timed})
    cnns = {name: plan.cnn_of(name) for name in plan.variants}
    assert cnns == {"plain": "plain", "more": "more", "counted": "more", "timed": "more"}
    assert plan.cnns == ["more", "plain"]


def test_neurons_differ_by_method_and_training_on_frames_knows_no_lower_bound():
    plan = planned(variants=VARIANTS, conversion={"spike_threshold": 2.0, "min_v_mem": -3.0})
    assert plan.neurons_of("plain") == NeuronParameters(2.0, -3.0, 0.0)
    assert plan.neurons_of("levels") == NeuronParameters(2.0, -3.0, 0.5)
    # The CNN is trained without neurons, so no setting of theirs trains it again.
    assert plan.training_neurons("plain") == NeuronParameters()
    assert plan.training_neurons("levels") == NeuronParameters(2.0, None, 0.5)
    assert plan.training_neurons("timed") == NeuronParameters(2.0, -1.0, 0.0)
    split = {"cheap": VARIANTS["cheap"] | {"frame_steps": 4, "min_v_mem": -0.5}}
    assert planned(variants=VARIANTS | split).training_neurons("cheap").min_v_mem == -0.5


def test_engines_are_compared_at_the_ends_and_nearest_to_one():
    scales = [0.25, 0.5, 0.9, 2.0, 4.0]
    plan = planned(variants=VARIANTS, sweep={"scales": scales})
    assert plan.scales_of("plain") == scales
    assert plan.verified_scales("plain") == [0.25, 0.9, 4.0]
    assert plan.verified_scales("levels") == [0.5]


def test_an_unknown_name_is_told_with_those_that_the_settings_have():
    plan = planned(variants=VARIANTS)
    for look_up in (plan.training_files, plan.scales_of, plan.cnn_of):
        with pytest.raises(StudyError, match="'mine', expected one of plain, .* variants has"):
            look_up("mine")
    with pytest.raises(StudyError, match="'X', expected one of A, B, C, as config key recordings"):
        plan.recordings["X"]


def test_a_users_table_of_recordings_comes_before_the_clones(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert list(planned().recordings) == ["A", "B", "C"]
    table = tmp_path / "workflow/data/recordings.tsv"
    table.parent.mkdir(parents=True)
    lines = (ROOT / "workflow/data/recordings.tsv").read_text(encoding="utf-8").splitlines(True)
    table.write_text("".join(lines[:2]), encoding="utf-8")
    assert list(planned().recordings) == ["A"]


def test_the_command_that_runs_the_study_again_may_be_pasted(tmp_path, monkeypatch):
    folder = tmp_path / "my studies"
    folder.mkdir()
    configs = [str(folder / "a;b.yaml"), str(ROOT / "config.yaml")]
    monkeypatch.chdir(ROOT)
    path = os.path.relpath(configs[0], ROOT)
    assert rerun_command(ROOT, configs) == f"snakemake --cores all --configfile '{path}'"
    monkeypatch.chdir(folder)
    snakefile = os.path.relpath(ROOT / "Snakefile", folder)
    assert rerun_command(ROOT, configs[1:]) == f"snakemake --cores all -s {snakefile}"
