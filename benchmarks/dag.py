"""How long Snakemake takes to plan a study, and its memory, against the number of jobs.

    python benchmarks/dag.py [--repeats 3] [--publish]

Dry runs of the default study with more variants, seeds and scales. Rows go to
results/benchmarks/dag.csv; `--publish` writes the tables of docs/speed.md, between its markers.
"""

import argparse
import datetime
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from speed import ROOT
from speed.machine import processor
from speed.report import number, table

OUT = ROOT / "results" / "benchmarks" / "dag.csv"
PAGE = ROOT / "docs" / "speed.md"
# Variants, seeds, scales: the default study, ten times it, and on to 100,000 jobs.
SIZES = (
    (1, 2, 12), (4, 5, 12), (8, 6, 12), (10, 11, 12), (16, 15, 12), (20, 14, 27), (28, 20, 27),
    (55, 50, 27),
)  # fmt: skip
COLUMNS = {
    "variants": "variants", "seeds": "seeds", "scales": "scales", "jobs": "jobs",
    "cpu_s": "seconds", "peak_mb": "memory MB",
}  # fmt: skip


def config_of(variants: int, seeds: int, scales: int) -> dict:
    """Return what makes the default study larger; it has a variant of its own."""
    return {
        "study": "planned-only",
        "variants": {f"v{i}": {"epochs": 9 + i} for i in range(1, variants)},
        "seeds": list(range(1, seeds + 1)),
        "sweep": {"scales": [round(0.1 + 0.05 * i, 2) for i in range(scales)]},
    }


# A process of few MB that runs a command: Linux counts what a process was forked from as its peak.
LAUNCH = """
import json, os, sys
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(process, 0)
print("\\nused", json.dumps([status, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


def plan(config: Path) -> dict[str, float]:
    """Plan a study once; return its jobs, seconds of processor and clock, and peak memory."""
    snakemake = ["-m", "snakemake", "--dry-run", "--cores", "2", "--configfile", str(config)]
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-S", "-c", LAUNCH, sys.executable, *snakemake],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip
    wall = time.perf_counter() - begin
    totals = re.findall(r"^total +(\d+)$", done.stdout, flags=re.MULTILINE)
    used = re.findall(r"^used (.*)$", done.stdout, flags=re.MULTILINE)
    status, cpu_s, peak = json.loads(used[-1]) if used else (1, 0, 0)
    if status or not totals:
        sys.exit(f"Error: the dry run failed: {done.stdout[-2000:]}")
    # Linux counts in KiB, macOS in bytes.
    peak_mb = peak / (1024 if sys.platform == "linux" else 1024**2)
    return {"jobs": int(totals[-1]), "cpu_s": cpu_s, "wall_s": wall, "peak_mb": peak_mb}


def measure(repeats: int) -> pd.DataFrame:
    """Plan every size, all once before any a second time; return a row each."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="dag-") as folder:
        for repeat in range(repeats):
            for size in SIZES:
                config = Path(folder) / "config.json"
                config.write_text(json.dumps(config_of(*size)), encoding="utf-8")
                row = dict(zip(("variants", "seeds", "scales"), size, strict=True))
                rows.append({**row, "repeat": repeat, **plan(config)})
                # What is there can be shown before the largest is done.
                pd.DataFrame(rows).to_csv(OUT, index=False, lineterminator="\n")
                print(rows[-1], flush=True)
    return pd.DataFrame(rows)


def slope(measured: pd.DataFrame, column: str) -> tuple[float, float, float]:
    """Fit a power law and a line to a column against the jobs.

    Returns:
        The exponent of the power law by which jobs add to an empty plan (1 is linear), and
        intercept and slope of the line, fitted to relative distances.
    """
    jobs, values = measured["jobs"].to_numpy(float), measured[column].to_numpy(float)
    rise, start = np.polyfit(jobs, values, 1, w=1 / values)
    large = jobs > 1000
    exponent = np.polyfit(np.log(jobs[large]), np.log(values[large] - start), 1)[0]
    return float(exponent), float(start), float(rise)


def tables(measured: pd.DataFrame) -> str:
    """Return what was measured as Markdown: medians, and how they rise."""
    medians = measured.groupby(["variants", "seeds", "scales", "jobs"], as_index=False).median()
    medians = medians.sort_values("jobs")
    digits = {"cpu_s": 1}
    rows = [
        [number(row[column], digits.get(column, 0)) for column in COLUMNS]
        for row in medians.to_dict("records")
    ]
    cpu, memory = slope(measured, "cpu_s"), slope(measured, "peak_mb")
    return "\n\n".join(
        (
            f"*Measured on {datetime.date.today().isoformat()} with {processor()}, medians of "
            f"{int(measured['repeat'].max()) + 1}. Seconds are processor time: planning keeps "
            "one core busy and takes as long if the core is free.*",
            table(list(COLUMNS.values()), rows),
            f"A job costs {1000 * cpu[2]:.1f} ms and {1000 * memory[2]:.0f} kB, on top of "
            f"{cpu[1]:.1f} s and {memory[1]:.0f} MB. Time rises with the power {cpu[0]:.2f} of the "
            f"jobs, memory with {memory[0]:.2f}.",
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--publish", action="store_true", help="write the tables of docs/speed.md")
    arguments = parser.parse_args()
    OUT.parent.mkdir(parents=True, exist_ok=True)
    measured = measure(arguments.repeats)
    print(tables(measured))
    if arguments.publish:
        before, rest = PAGE.read_text(encoding="utf-8").split("<!-- measured -->")
        measured_part = f"<!-- measured -->\n\n{tables(measured)}\n\n<!-- end -->"
        after = rest.split("<!-- end -->")[1]
        PAGE.write_text(before + measured_part + after, encoding="utf-8")


if __name__ == "__main__":
    main()
