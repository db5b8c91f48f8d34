"""How long a whole study takes, by cores and precision, and which stage takes how much of it.

    python benchmarks/wall_time.py [--cores 1 2] [--preset smoke] [--publish]

Each run has a fresh clone of the last commit and the first cores of the machine, which should be
idle. Runs and their jobs go to results/benchmarks/wall_time*.csv. `--publish` writes
benchmarks/wall_time.csv, the figure docs/wall_time.svg, the table of docs/speed.md, and the seconds
of a job by which the first line of a run tells its minutes, workflow/data/timings.tsv.
"""

import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import pandas as pd
import yaml
from speed import ROOT
from speed.machine import cores as cores_here
from speed.machine import load, processor
from speed.report import number, plt, table

from dvs_snn.report.terminal.outlook import (
    COLUMNS,
    TRAIN,
    Timing,
    multiplies_bfloat16,
)
from dvs_snn.report.terminal.sizes import NOTHING, sizes_of
from dvs_snn.report.terminal.stages import FILES_OF_STAGES, stages_of
from dvs_snn.settings.study import Study, merged, read_study, variants_of
from dvs_snn.settings.training import RESCALED

OUT = ROOT / "results" / "benchmarks"
RUNS, JOBS = "wall_time.csv", "wall_time_jobs.csv"
PUBLISHED = ROOT / "benchmarks" / RUNS
PAGE = ROOT / "docs" / "speed.md"
FIGURE = ROOT / "docs" / "wall_time.svg"
TIMINGS = ROOT / "workflow" / "data" / "timings.tsv"
DEFAULT, SMOKE = "default", "smoke"
BETWEEN = "between jobs"
"""Stage of the seconds in which no job runs: Snakemake plans, and starts the next one."""
STAGES = [stage for stage in FILES_OF_STAGES if stage != "publication"]
COLOURS = ("#1b6ca8", "#d1602b", "#c9a227", "#5b8e7d", "#7b5ea7", "#bdbdbd")
CORES_OF_TIMINGS = 2
GROWS_WITH = {
    **dict.fromkeys(
        (
            "simulate_set", "list_recordings", "bin_set", "check_sets", "tell_apart",
            "evaluate_ann", "evaluate", "idle", "choose", "gather", "compare_methods",
            "pair_twins", "join_ablation", "export", "provenance", "plot_figure", "report",
            "manifest",
        ),
        "sets",
    ),
    **dict.fromkeys(("simulate_frames", TRAIN), "training"),
    **dict.fromkeys(
        ("simulate_recording", "infer", "plot_recording", "plot_raster", "plot_player"), "shown"
    ),
    **dict.fromkeys(
        ("sensitivity_recordings", "sensitivity", "join_sensitivity"), "sensitivity"
    ),
    "calibrate": "profile",
    "verify": "verification",
    "ablation": "ablation",
}  # fmt: skip
"""Rule -> what its jobs take longer for. All others take as long in every study."""


def settings_of(preset: str, precision: str, root: Path = ROOT) -> Study:
    """Return the settings of a study that the benchmark runs."""
    config = yaml.safe_load((root / "config.yaml").read_text(encoding="utf-8"))
    if preset != DEFAULT:
        own = (root / "workflow/presets" / f"{preset}.yaml").read_text(encoding="utf-8")
        config = merged(config, yaml.safe_load(own))
    return read_study(merged(config, {"training": {"precision": precision}}))


def run(preset: str, precision: str, cores: int) -> tuple[dict, pd.DataFrame]:
    """Run a study in a fresh clone; return the run's row, and its jobs'."""
    with tempfile.TemporaryDirectory(prefix="wall-time-") as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        own = clone / "precision.yaml"
        own.write_text(f"training: {{precision: {precision}}}\n", encoding="utf-8")
        presets = [] if preset == DEFAULT else [f"workflow/presets/{preset}.yaml"]
        command = ["taskset", "-c", ",".join(map(str, sorted(os.sched_getaffinity(0))[:cores]))]
        command += [sys.executable, "-m", "snakemake", "--cores", str(cores)]
        command += ["--configfile", *presets, own.name]
        began, busy = time.time(), load()
        process = subprocess.Popen(command, cwd=clone)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.time() - began
        if status:
            sys.exit(f"Error: the study failed; its words stand above (status {status}).")
        jobs, cloned = jobs_of(clone), commit(clone)
    jobs[["begin", "end"]] -= began
    about = {"study": preset, "precision": precision, "cores": cores}
    row = {
        **about, "wall_s": wall, "processor_s": used.ru_utime + used.ru_stime,
        **shares(jobs, wall), "load_before": busy, "processor": processor(),
        "date": datetime.date.today().isoformat(), "commit": cloned,
    }  # fmt: skip
    return row, jobs.assign(**about)


def commit(clone: Path) -> str:
    """Return the short hash of the commit that a clone has."""
    asked = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.check_output(asked, cwd=clone, text=True).strip()


def jobs_of(clone: Path) -> pd.DataFrame:
    """Return the jobs of a finished study: rule, variant, threads, begin and end.

    Snakemake keeps a record of each output. All of a job name its log file; begin and end are
    seconds since 1970.
    """
    (log,) = (clone / ".snakemake/log").glob("*.log")
    blocks = r"^(?:local)?rule (\w+):\n(?:    .*\n)*?    threads: (\d+)$"
    threads = dict(re.findall(blocks, log.read_text(encoding="utf-8"), re.MULTILINE))
    rows = []
    for path in (clone / ".snakemake/metadata").rglob("*"):
        if path.is_file():
            record = json.loads(path.read_text(encoding="utf-8"))
            (where,) = record["log"]
            times = record["starttime"], record["endtime"]
            rows.append((where, record["rule"], *times))
    found = pd.DataFrame(rows, columns=["log", "rule", "begin", "end"])
    found = found.groupby("log").agg({"rule": "first", "begin": "min", "end": "max"}).reset_index()
    is_training = found["rule"] == TRAIN
    found["variant"] = found["log"].map(lambda log: Path(log).stem.split("~")[0])
    found["variant"] = found["variant"].where(is_training, "")
    found["threads"] = found["rule"].map(threads).fillna(1).astype(int)
    return found.drop(columns="log").sort_values(["begin", "end"], ignore_index=True)


def stage_of_rules() -> dict[str, str]:
    """Return the stage of each rule, as the terminal names it."""
    named = r"^\s*(?:use rule \w+ as|rule) (\w+)(?::| with:)"
    files = {
        rule: path.stem
        for path in (ROOT / "workflow/rules").glob("*.smk")
        for rule in re.findall(named, path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    return stages_of(files)


def shares(jobs: pd.DataFrame, wall: float) -> dict[str, float]:
    """Return the seconds of each stage; with those between jobs they add up to the wall time.

    Jobs that run side by side share each second among them.

    Args:
        jobs: their `rule`, `begin` and `end`, seconds since the run began.
    """
    stages, found = stage_of_rules(), dict.fromkeys([*STAGES, BETWEEN], 0.0)
    marks = sorted({0.0, wall, *jobs["begin"], *jobs["end"]})
    for begin, end in pairwise(marks):
        rules = jobs.loc[(jobs["begin"] <= begin) & (jobs["end"] >= end), "rule"]
        for stage in [stages[rule] for rule in rules] or [BETWEEN]:
            found[stage] += (end - begin) / max(len(rules), 1)
    return found


def seconds_by_kind(jobs: pd.DataFrame, study: Study) -> dict[tuple[str, str], tuple[float, float]]:
    """Return of each rule and method of training the mean seconds of a job, and its size.

    A training's size counts once for each epoch.
    """
    sizes, variants = sizes_of(study), variants_of(study)
    methods = {name: one.method for name, one in variants.items()}
    kinds = jobs.assign(seconds=jobs["end"] - jobs["begin"], method=jobs["variant"].map(methods))
    found = {}
    for (rule, method), group in kinds.fillna({"method": ""}).groupby(["rule", "method"]):
        epochs = variants[group["variant"].iloc[0]].epochs if rule == TRAIN else 1
        size = sizes[GROWS_WITH.get(rule, NOTHING)] * epochs
        found[rule, method] = float(group["seconds"].mean()), size
    return found


def line_through(
    large: tuple[float, float], small: tuple[float, float] | None
) -> tuple[float, float]:
    """Return start and rise of the line through (seconds, size) of two studies, neither negative.

    It always holds for the large study. A job of one size in both takes as long in every study.
    """
    seconds, size = large
    if small is None or small[1] == size:
        return seconds, 0.0
    rise = min(max((seconds - small[0]) / (size - small[1]), 0.0), seconds / size)
    # Rounding may leave less than nothing.
    return max(seconds - rise * size, 0.0), rise


def timings(runs: Mapping[tuple[str, str], pd.DataFrame], name: str) -> list[Timing]:
    """Return the timings that ship, from jobs of the studies default and smoke.

    Args:
        runs: by study and precision, jobs on two cores: the default study with each precision, and
            the smoke study in bfloat16.
        name: of the processor.
    """
    small = seconds_by_kind(runs[SMOKE, "bfloat16"], settings_of(SMOKE, "bfloat16"))
    rows = []
    for precision in ("bfloat16", "float32"):
        jobs = runs[DEFAULT, precision]
        threads = jobs.groupby("rule")["threads"].max()
        found = seconds_by_kind(jobs, settings_of(DEFAULT, precision))
        if precision == "bfloat16":
            # The smoke study has no other training; all start alike.
            start_of_training, _ = line_through(found[TRAIN, RESCALED], small[TRAIN, RESCALED])
        for (rule, method), (seconds, size) in found.items():
            if rule == TRAIN:
                start, rise = start_of_training, (seconds - start_of_training) / size
            elif precision == "bfloat16":
                start, rise = line_through((seconds, size), small.get((rule, method)))
            else:
                continue
            rows.append(
                Timing(
                    rule, method, precision if rule == TRAIN else "",
                    GROWS_WITH.get(rule, NOTHING), float(f"{start:.3g}"), float(f"{rise:.4g}"),
                    int(threads[rule]), name,
                )
            )  # fmt: skip
    return sorted(rows, key=lambda row: (row.rule, row.method, row.precision))


def write_timings(rows: Iterable[Timing], path: Path) -> None:
    """Write the shipped timings."""
    remark = (
        "# Seconds of a job: start_s + each_s x its size (a training: x epochs), by begin\n"
        "# and end as Snakemake recorded them. benchmarks/wall_time.py writes this file.\n"
    )
    text = pd.DataFrame(rows, columns=COLUMNS).to_csv(sep="\t", index=False, lineterminator="\n")
    path.write_text(remark + text, encoding="utf-8")


def title_of(row: Mapping) -> str:
    """Return a run's name for a reader."""
    cores = f"{row['cores']} core{'' if row['cores'] == 1 else 's'}"
    return f"{cores}, {row['precision']}"


def draw(runs: pd.DataFrame, path: Path) -> None:
    """Draw each run as a bar of its stages, into an SVG file that repeats byte for byte."""
    plt.rcParams |= {"svg.hashsalt": "wall-time", "font.size": 9, "axes.titlesize": 10}
    rows = runs.to_dict("records")
    figure, axes = plt.subplots(figsize=(8, 1.4 + 0.45 * len(rows)), layout="constrained")
    left = [0.0] * len(rows)
    for stage, colour in zip([*STAGES, BETWEEN], COLOURS, strict=True):
        minutes = [row[stage] / 60 for row in rows]
        axes.barh(range(len(rows)), minutes, left=left, color=colour, height=0.7, label=stage)
        left = [before + more for before, more in zip(left, minutes, strict=True)]
    axes.set_yticks(range(len(rows)), [title_of(row) for row in rows])
    axes.invert_yaxis()
    axes.set_xlabel("minutes")
    axes.set_xlim(0, max(left) * 1.1)
    for place, total in enumerate(left):
        axes.annotate(
            f"{total:.1f}", (total, place), xytext=(4, 0), textcoords="offset points",
            va="center", fontsize=8,
        )  # fmt: skip
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper center", ncols=len(COLOURS), frameon=False)
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)


def words(runs: pd.DataFrame) -> str:
    """Return the runs as Markdown: where and when, and a table with the share of each stage."""
    stages = [*STAGES, BETWEEN]
    rows = [
        [
            title_of(row), number(row["wall_s"] / 60, 1), number(row["processor_s"] / 60, 1),
            *(f"{row[stage] / row['wall_s']:.0%}".replace("%", " %") for stage in stages),
        ]
        for row in runs.to_dict("records")
    ]  # fmt: skip
    first = runs.iloc[0]
    return (
        "![Minutes of the default study by cores and precision, a bar of its stages each]"
        f"({FIGURE.name})\n\n*Measured on {first['date']} with {first['processor']}, "
        f"commit {first['commit']}. Jobs that run side by side share each second among them.*\n\n"
        + table(["run", "minutes", "processor minutes", *stages], rows)
    )


def publish(runs: pd.DataFrame, jobs: pd.DataFrame) -> None:
    """Write the runs of the default study, figure, page and, if all were measured, timings."""
    shown = runs[runs["study"] == DEFAULT]
    shown.to_csv(PUBLISHED, index=False, lineterminator="\n", float_format="%.1f")
    draw(shown, FIGURE)
    text = PAGE.read_text(encoding="utf-8")
    begin, end = "<!-- wall time -->\n", "<!-- end -->"
    before, rest = text.split(begin)
    _, after = rest.split(end, maxsplit=1)
    PAGE.write_text(f"{before}{begin}\n{words(shown)}\n\n{end}{after}", encoding="utf-8")
    found = dict(list(jobs[jobs["cores"] == CORES_OF_TIMINGS].groupby(["study", "precision"])))
    needed = {(DEFAULT, "bfloat16"), (DEFAULT, "float32"), (SMOKE, "bfloat16")}
    if missing := needed - set(found):
        names = ", ".join(" in ".join(one) for one in sorted(missing))
        sys.exit(f"Error: {TIMINGS} stays as it is: no run on {CORES_OF_TIMINGS} cores of {names}.")
    write_timings(timings(found, processor()), TIMINGS)


def plans(preset: str, cores: Sequence[int]) -> list[tuple[str, str, int]]:
    """Return what is run: study, precision and cores, one after another."""
    precisions = ["bfloat16", "float32"] if multiplies_bfloat16() else ["float32"]
    found = [(preset, precision, n) for precision in precisions for n in cores]
    if preset == DEFAULT:
        # How long jobs take that have little to do.
        found.append((SMOKE, precisions[0], CORES_OF_TIMINGS))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default=DEFAULT, choices=[DEFAULT, SMOKE])
    parser.add_argument(
        "--cores", type=int, nargs="+", metavar="N", help="default: 1, 2, 4, ... of the machine's"
    )
    parser.add_argument("--publish", action="store_true", help="write what the clone ships")
    parser.add_argument("--measured", action="store_true", help="take the rows that are there")
    given = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    if not given.measured:
        rows, all_jobs = [], []
        cores = given.cores or [2**n for n in range(10) if 2**n <= cores_here()]
        for plan in plans(given.preset, cores):
            row, jobs = run(*plan)
            rows.append(row)
            all_jobs.append(jobs)
            # What is there can be shown before the last has run.
            pd.DataFrame(rows).to_csv(OUT / RUNS, index=False, lineterminator="\n")
            pd.concat(all_jobs).to_csv(OUT / JOBS, index=False, lineterminator="\n")
            print(f"{plan}: {row['wall_s']:.0f} s", flush=True)
    runs = pd.read_csv(OUT / RUNS)
    jobs = pd.read_csv(OUT / JOBS).fillna({"variant": ""})
    print(words(runs[runs["study"] == given.preset]))
    draw(runs[runs["study"] == given.preset], OUT / FIGURE.name)
    if given.publish:
        publish(runs, jobs)


if __name__ == "__main__":
    main()
