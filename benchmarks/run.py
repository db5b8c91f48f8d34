"""The benchmark: this study against its peers, side by side, in one run.

    python benchmarks/run.py [--results results/simulated] [--publish]

Rows go to results/benchmarks/*.csv, the page beside them. `--publish` copies it to
benchmarks/results.md.
"""

import argparse
import datetime
import json
import shutil
import tempfile
import time
from pathlib import Path

import pandas as pd
from speed import ROOT, machine, material, parts, report

PARTS = ("inference", "training")
OUT = ROOT / "results" / "benchmarks"


def say(line: str) -> None:
    """Write a line of progress with the time and the load."""
    print(f"[{time.strftime('%H:%M:%S')}, load {machine.load():.2f}] {line}", flush=True)


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--results", type=Path, default=ROOT / "results" / "simulated", help="a study's folder")
    add("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="measure only these")
    add("--repeats", type=int, default=5)
    add("--recordings", type=int, default=1000, help="of the comparison at scale 1.00")
    add("--few", type=int, default=200, help="recordings of the other comparisons")
    add("--frames", type=int, default=4000, help="training frames")
    add("--epochs", type=int, default=3, help="passes over them")
    add("--threads", type=int, default=min(2, machine.cores()))
    add("--publish", action="store_true", help="copy the page into the repository")
    return parser.parse_args()


def measure(chosen: argparse.Namespace, about: dict, scratch: Path) -> None:
    """Measure the chosen parts; write each one's rows as soon as they are there."""
    given = material.prepare(chosen.results, scratch, chosen.recordings, chosen.frames)
    about["origin"] = given.origin
    say(given.origin)
    plan = parts.Plan(
        repeats=chosen.repeats,
        recordings=len(material.load_steps(given.recordings)),
        few=chosen.few,
        threads=chosen.threads,
        epochs=chosen.epochs,
    )
    tasks = {
        "inference": lambda: parts.inference(given, plan, say),
        "training": lambda: parts.training(given, plan, say),
    }
    for name in PARTS:
        if name in chosen.parts:
            about["loads"][name] = f"{machine.load():.2f}"
            pd.DataFrame(tasks[name]()).to_csv(OUT / f"{name}.csv", index=False)


def load(name: str) -> list[dict]:
    """Read the rows of a part; what isn't there is None."""
    table = pd.read_csv(OUT / f"{name}.csv", dtype={"engine": str}).astype(object)
    return table.where(table.notna(), None).to_dict("records")


def main() -> None:
    chosen = options()
    OUT.mkdir(parents=True, exist_ok=True)
    about = {
        "date": datetime.date.today().isoformat(),
        "machine": machine.describe(),
        "repeats": chosen.repeats,
        "loads": {},
    }
    if set(chosen.parts) != set(PARTS) and (OUT / "about.json").exists():
        # The page also shows what an earlier run measured of the parts that this one leaves out.
        about["loads"] = json.loads((OUT / "about.json").read_text(encoding="utf-8"))["loads"]
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        measure(chosen, about, Path(folder))
    (OUT / "about.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    rows = {name: load(name) for name in PARTS if name in about["loads"]}
    page = report.markdown(rows, about)
    (OUT / "results.md").write_text(page, encoding="utf-8")
    print(page)
    if chosen.publish:
        shutil.copyfile(OUT / "results.md", ROOT / "benchmarks" / "results.md")


if __name__ == "__main__":
    main()
