"""What a run says of its minutes, from shipped seconds of a job."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import yaml

from dvs_snn.files.errors import StudyError
from dvs_snn.report.terminal.outlook import (
    Planned,
    Timing,
    multiplies_bfloat16,
    outlook,
    planned,
    read_timings,
    timed,
)
from dvs_snn.report.terminal.sizes import sizes_of
from dvs_snn.settings.study import merged, read_study, variants_of

ROOT = Path(__file__).parents[4]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
ROWS = [
    Timing("train", "rescaled", "bfloat16", "training", 4, 0.01, 1, "A"),
    Timing("train", "rescaled", "float32", "training", 4, 0.04, 1, "A"),
    Timing("simulate_frames", "", "", "training", 10, 0.02, 2, "A"),
    Timing("report", "", "", "nothing", 30, 0, 1, "B"),
]
TIMINGS = {(row.rule, row.method, row.precision): row for row in ROWS}
# 100 symbols of each digit, each once on the monitor for 0.3 s.
SMALL = {
    "simulation": {
        "sensitivity": {"symbols": 2},
        "symbols": {"test": [2] * 10, "validation": 3, "training": 100},
        "training": {"mnist-dvs": {"recordings": 1}, "saccades": {"recordings": 0}},
    },
    "training": {"epochs": 5},
    "variants": {"lean": None},
}
PLAN = [
    Planned("simulate_frames", "", 2, 0, ()),
    Planned("train", "plain", 1, 1, (0,)),
    Planned("train", "plain", 1, 1, (0,)),
    Planned("report", "", 1, 0, (1, 2)),
]


def study_of(**changes):
    return read_study(merged(merged(CONFIG, SMALL), changes))


def found(has_bfloat16=True, plan=PLAN, **changes):
    study = study_of(**changes)
    return timed(plan, study, variants_of(study), TIMINGS, has_bfloat16)


def test_sizes_count_the_recordings_of_a_study():
    sizes = sizes_of(study_of())
    assert sizes["training"] == pytest.approx(1000 * 0.3)
    assert sizes["shown"] == 5.2
    # The small study has fewer test recordings than each may have.
    assert sizes["ablation"] == sizes["verification"] == 20
    # 20 test symbols in two sets, 30 validation symbols before both scenes.
    assert sizes["sets"] == pytest.approx(20 * 0.3 + 20 * 0.31 + 30 * (0.3 + 0.31))


def test_without_a_number_all_other_symbols_train():
    sizes = sizes_of(study_of(simulation={"symbols": {"training": None}}))
    assert sizes["training"] == pytest.approx((5000 - 20 - 30) * 0.3)


@pytest.mark.parametrize(("has_bfloat16", "seconds"), [(True, 4 + 0.01 * 300 * 5), (False, 64)])
def test_a_training_takes_longer_by_epochs_and_without_bfloat16(has_bfloat16, seconds):
    jobs = found(has_bfloat16)
    assert [job.seconds for job, _ in jobs] == pytest.approx([16, seconds, seconds, 30])


def test_a_job_with_fewer_cores_than_measured_takes_longer():
    ((job, _),) = found(plan=[Planned("simulate_frames", "", 1, 0, ())])
    assert job.seconds == pytest.approx(10 + 2 * 6)


def test_the_words_name_minutes_cores_precision_and_processors():
    # 16, then 64 both side by side or one after another, then 30 seconds.
    assert outlook(found(False), 2) == "about 2 minutes on 2 cores with float32 (timed on A and B)"
    narrow = [replace(job, threads=1) for job in PLAN]
    assert outlook(found(False, narrow), 1).startswith("about 3 minutes on 1 core with float32")
    report = found(plan=[Planned("report", "", 1, 0, ())])
    assert outlook(report, 8) == "less than a minute on 8 cores (timed on B)"


@pytest.mark.parametrize(
    "changes",
    [
        {"data": {"source": "nmnist"}},
        {"model": {"name": "sorbaro"}},
        {"training": {"device": "auto"}},
        {"training": {"precision": "bfloat16"}},
        {"inference": {"engine": "sinabs"}},
        {"simulation": {"symbols": {"source": "torchvision", "folder": "digits"}}},
        {"variants": {"plain": {"start": "other", "method": "quantised"}, "other": {}}},
    ],
)
def test_what_was_not_timed_is_not_guessed(changes):
    assert found(False, **changes) is None
    assert outlook(None, 2) == ""


def test_a_rule_without_a_timing_leaves_the_minutes_out():
    assert found(plan=[*PLAN, Planned("download", "", 1, 0, ())]) is None


@pytest.mark.parametrize("turned", [False, True])
def test_a_plan_is_read_from_snakemakes_graph_in_one_order(turned):
    class Job:
        def __init__(self, rule, output, **wildcards):
            self.rule, self.output = SimpleNamespace(name=rule), output
            self.wildcards_dict, self.threads = wildcards, 2

    frames, train = Job("frames", ["f"]), Job("train", ["w"], variant="plain")
    report, target = Job("report", ["r"]), Job("all", [])
    order = [target, report, train][:: -1 if turned else 1]
    dag = SimpleNamespace(
        needrun_jobs=lambda exclude_finished: iter(order),
        dependencies={target: {report: {}}, report: {train: {}}, train: {frames: {}}},
        priority=lambda job: int(job is train),
    )
    assert planned(dag) == [
        Planned("report", "", 2, 0, (1,)),
        Planned("train", "plain", 2, 1, ()),
    ]


def test_bfloat16_is_found_where_torch_finds_it(tmp_path):
    if hasattr(torch.cpu, "_is_avx512_bf16_supported"):
        assert multiplies_bfloat16() == torch.cpu._is_avx512_bf16_supported()
    cpuinfo = tmp_path / "cpuinfo"
    assert not multiplies_bfloat16(cpuinfo)
    cpuinfo.write_text("flags\t\t: fpu avx512f avx512_bf16 amx_tile\n")
    assert multiplies_bfloat16(cpuinfo)
    cpuinfo.write_text("flags\t\t: fpu avx512f avx512_bf16x amx_bf16\n")
    assert not multiplies_bfloat16(cpuinfo)


def test_a_broken_file_of_timings_is_told(tmp_path):
    path = tmp_path / "timings.tsv"
    path.write_text("rule\tseconds\ntrain\t3\n")
    with pytest.raises(StudyError, match="columns rule, seconds, expected rule, method"):
        read_timings(path)
