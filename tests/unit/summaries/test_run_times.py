"""Run times of jobs, from Snakemake's benchmark files."""

import os

import pandas as pd

from dvs_snn.files.tables import schema, write_table
from dvs_snn.summaries.run_times import RuntimesJob, gather_runtimes


def test_run_times_are_read_from_benchmarks_and_only_trainings_on_frames_have_a_rate(tmp_path):
    for job in ("train/plain~1", "train/timed~1", "split/all", "accumulate/all"):
        path = tmp_path / f"benchmarks/{job}.tsv"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(f"s\th:m:s\tmax_rss\n2.0\t0:00:02\t{'-' if 'split' in job else 50.5}\n")
    (tmp_path / "index.csv").write_text("split\ntrain\ntrain\nvalidation\n")
    rows = [(name, 1, epoch, 0.5, 0.5, 0.5) for name in ("plain", "timed") for epoch in (1, 2)]
    curves = pd.DataFrame(rows, columns=schema("training"))
    write_table(curves, tmp_path / "training.csv", "training")
    files = [tmp_path / f"{name}.csv" for name in ("index", "training")]
    folder = tmp_path / "benchmarks"
    os.utime(folder / "split/all.tsv", (0, 86400))
    gather_runtimes(RuntimesJob(folder, *files, ["plain"], tmp_path / "t.csv"))
    table = pd.read_csv(tmp_path / "t.csv")
    table.index = table["rule"] + " " + table["wildcards"]
    # Two frames in two epochs; all three frames of the index.
    rates = {"train plain 1": 2.0, "accumulate all": 1.5}
    assert table["frames_per_s"].dropna().to_dict() == rates
    assert table["max_rss_mb"].isna().to_dict() == {job: job == "split all" for job in table.index}
    # The file's date tells a job of an earlier run.
    assert table.loc["split all", "finished"] == "1970-01-02T00:00:00Z"
