"""The pure parts of the benchmark of whole studies."""

import re
import sys
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import wall_time

from dvs_snn.report.terminal.outlook import read_timings

ROOT = Path(__file__).resolve().parents[2]


def jobs_of(*rows):
    found = pd.DataFrame(rows, columns=["rule", "begin", "end"])
    return found.assign(variant="", threads=1)


def test_jobs_side_by_side_share_their_seconds():
    jobs = jobs_of(("train", 2, 10), ("evaluate", 4, 8), ("report", 11, 12))
    found = wall_time.shares(jobs, 15)
    # 0 to 2, 10 to 11 and 12 to 15 are between jobs.
    told = {"training": 6, "evaluation": 2, "tables and page": 1, "between jobs": 6}
    assert {stage: seconds for stage, seconds in found.items() if seconds} == told
    assert sum(found.values()) == 15


def test_every_rule_of_the_workflow_has_a_stage():
    files = (ROOT / "workflow/rules").glob("*.smk")
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    named = set(re.findall(r"^ *rule (\w+):$|^ *use rule \w+ as (\w+) with:$", text, re.M))
    assert set(wall_time.stage_of_rules()) == {name for pair in named for name in pair if name}


@pytest.mark.parametrize(
    ("large", "small", "expected"),
    [
        # seconds = 3 + 2 x size.
        ((23.0, 10.0), (7.0, 2.0), (3.0, 2.0)),
        # As long for less: it doesn't grow.
        ((5.0, 10.0), (6.0, 2.0), (5.0, 0.0)),
        # A line that begins below nothing: all of it grows.
        ((20.0, 10.0), (1.0, 5.0), (0.0, 2.0)),
        ((5.0, 1.0), (9.0, 1.0), (5.0, 0.0)),
        ((5.0, 1.0), None, (5.0, 0.0)),
    ],
)
def test_a_line_through_two_studies(large, small, expected):
    assert wall_time.line_through(large, small) == pytest.approx(expected)


def test_timings_give_back_the_seconds_of_both_studies(tmp_path):
    def run(train, lean, frames):
        rows = [("train", "plain", train), ("train", "plain", train + 2), ("train", "lean", lean)]
        rows += [("simulate_frames", "", frames), ("report", "", 6.0)]
        found = pd.DataFrame(rows, columns=["rule", "variant", "end"])
        return found.assign(begin=0.0, threads=found["rule"].eq("simulate_frames") + 1)

    small = run(29, 0, 30)
    runs = {
        ("default", "bfloat16"): run(99, 50, 130),
        ("default", "float32"): run(299, 150, 999),
        ("smoke", "bfloat16"): small[small["variant"] != "lean"],
    }
    path = tmp_path / "timings.tsv"
    wall_time.write_timings(wall_time.timings(runs, "A (R)"), path)
    found = read_timings(path)
    # Seconds of recordings times epochs: the default trains on 3,600 symbols, 4 of 0.3 s and 3 of
    # 0.31 s each, in 8 epochs, smoke on 160 symbols, 2 of each, in 20.
    large, few = 3600 * (4 * 0.3 + 3 * 0.31), 160 * 2 * (0.3 + 0.31)
    for key, size, seconds in [
        (("train", "rescaled", "bfloat16"), large * 8, 100),
        (("train", "rescaled", "bfloat16"), few * 20, 30),
        (("train", "rescaled", "float32"), large * 8, 300),
        (("train", "synop-loss", "bfloat16"), large * 5, 50),
        (("train", "synop-loss", "float32"), large * 5, 150),
        (("simulate_frames", "", ""), large, 130),
        (("simulate_frames", "", ""), few, 30),
        (("report", "", ""), 1, 6),
    ]:
        row = found[key]
        each = row.each_s * size if row.grows_with == "training" else 0
        assert row.start_s + each == pytest.approx(seconds, rel=0.01)
    assert found["simulate_frames", "", ""].threads == 2
    assert {row.processor for row in found.values()} == {"A (R)"}
