"""Which sets one evaluation job reads, and for which networks."""

from pathlib import Path

import pytest
import yaml

from dvs_snn.plan.batches import Batch
from dvs_snn.plan.study_plan import plan_of
from dvs_snn.settings.study_settings import merged

ROOT = Path(__file__).parents[3]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
TUTORIAL = {
    "data": {"source": "tutorial"},
    "recordings": "workflow/data/recordings-tutorial.tsv",
}


def planned(**changes):
    return plan_of(merged(CONFIG, changes), ROOT)


@pytest.fixture
def digits(tmp_path):
    (tmp_path / "digits/3").mkdir(parents=True)
    (tmp_path / "digits/3/a.bin").write_bytes(b"")
    return str(tmp_path / "digits")


@pytest.fixture
def added(digits):
    """Settings of a set that all networks read, and of one that validation's choice reads."""
    sets = {
        "small": {"scene": "mnist-dvs"},
        "large": {"scene": "mnist-dvs", "networks": "all"},
    }
    evaluation = {"sets": [{"name": "mine", "folder": digits}]}
    return {"evaluation": evaluation, "simulation": {"sets": sets}}


def test_one_job_reads_the_studys_sets_and_each_added_set_has_its_own(added):
    plan = planned(**added)
    joint = ("validation", "test", "saccades-test")
    cnn_tests = ("test", "saccades-test", "small")
    assert list(plan.batches.values()) == [
        Batch("joint", "trained", joint),
        Batch("set-large", "trained", ("large",)),
        Batch("set-mine", "trained", ("mine",)),
        Batch("set-small", "trained", ("small",), of_quoted=True),
        Batch("cnn-frames", "cnns", ("validation",)),
        Batch("cnn-tests", "cnns", cnn_tests, of_quoted=True, chosen_alone=("small",)),
        Batch("cnn-set-large", "cnns", ("large",), of_quoted=True),
        Batch("cnn-set-mine", "cnns", ("mine",), of_quoted=True),
    ]
    assert plan.batches_of("trained") == ["joint", "set-large", "set-mine"]
    assert plan.batches_of("trained", of_quoted=True) == ["set-small"]
    assert plan.choosing_batches("trained") == ["joint"]
    assert plan.choosing_batches("cnns") == ["cnn-frames"]


def test_each_kind_of_networks_reads_each_set_once(added):
    plan = planned(**added)
    for readers in ("trained", "cnns"):
        names = plan.batches_of(readers) + plan.batches_of(readers, of_quoted=True)
        read = [name for batch in names for name in plan.batches[batch].sets]
        assert sorted(read) == sorted(plan.sets)


def test_without_validation_cnns_read_all_sets_in_all_frames(digits):
    plan = planned(**TUTORIAL, evaluation={"sets": [{"name": "mine", "folder": digits}]})
    assert list(plan.batches.values()) == [
        Batch("set-mine", "trained", ("mine",)),
        Batch("cnn-set-mine", "cnns", ("mine",)),
    ]
    assert plan.choosing_batches("cnns") == plan.choosing_batches("trained") == []
    assert planned(**TUTORIAL).batches == {}


def test_a_network_from_a_file_reads_all_sets_in_one_job(added, tmp_path):
    (tmp_path / "theirs.nir").write_bytes(b"")
    variants = {"theirs": {"nir": str(tmp_path / "theirs.nir"), "zoom": 0.5}}
    plan = planned(**added, variants=variants)
    assert plan.batches["guests"] == Batch("guests", "guests", tuple(plan.sets))
    assert plan.batches_of("guests") == ["guests"]
    assert plan.guest_placement("theirs") == {"zoom": 0.5}
    assert plan.guest_placement("plain") == {}
