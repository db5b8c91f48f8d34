"""The benchmark of inference: this study against its peers, side by side, in one run.

    python benchmarks/run.py [--results results/simulated] [--publish]

Rows go to results/benchmarks/inference.csv, the page beside them. `--publish` copies it to
benchmarks/results.md.
"""

import argparse
import datetime
import shutil
import tempfile
import time
from pathlib import Path

import pandas as pd
from speed import ROOT, machine, material, parts, report

OUT = ROOT / "results" / "benchmarks"


def say(line: str) -> None:
    """Write a line of progress with the time and the load."""
    print(f"[{time.strftime('%H:%M:%S')}, load {machine.load():.2f}] {line}", flush=True)


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--results", type=Path, default=ROOT / "results" / "simulated", help="a study's folder")
    add("--repeats", type=int, default=5)
    add("--recordings", type=int, default=1000, help="of the comparison at scale 1.00")
    add("--few", type=int, default=200, help="recordings of the other comparisons")
    add("--threads", type=int, default=min(2, machine.cores()))
    add("--publish", action="store_true", help="copy the page into the repository")
    return parser.parse_args()


def main() -> None:
    chosen = options()
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        given = material.prepare(chosen.results, Path(folder), chosen.recordings)
        about = {
            "date": datetime.date.today().isoformat(),
            "machine": machine.describe(),
            "repeats": chosen.repeats,
            "origin": given.origin,
            "load": f"{machine.load():.2f}",
        }
        say(given.origin)
        plan = parts.Plan(
            repeats=chosen.repeats,
            recordings=given.n_recordings,
            few=chosen.few,
            threads=chosen.threads,
        )
        rows = parts.inference(given, plan, say)
    pd.DataFrame(rows).to_csv(OUT / "inference.csv", index=False)
    page = report.markdown(rows, about)
    (OUT / "results.md").write_text(page, encoding="utf-8")
    print(page)
    if chosen.publish:
        shutil.copyfile(OUT / "results.md", ROOT / "benchmarks" / "results.md")


if __name__ == "__main__":
    main()
