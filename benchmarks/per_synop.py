"""Time per SynOp of our engine in one thread, beside an earlier commit's and beside sinabs.

    git worktree add ../before COMMIT
    python benchmarks/per_synop.py --before ../before [--results results/simulated] [--publish]

`--publish` puts the table at the end of benchmarks/results.md, in place of the one before. So
publish `run.py` first. Each contestant is a process that loads and compiles before the clock
starts. They take turns.
"""

import argparse
import json
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from speed import ROOT, machine

TITLE = "## Time per SynOp"
PAGE = ROOT / "benchmarks" / "results.md"
SCALES = (0.5, 1.0, 2.0)
# sinabs computes every neuron at every event, so it gets few of them.
SINABS_EVENTS = 500
SINABS_RECORDINGS = 4


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--before", type=Path, required=True, help="a checkout of the commit to compare with")
    add("--results", type=Path, default=ROOT / "results" / "simulated", help="a study's folder")
    add("--recordings", type=int, default=60)
    add("--repeats", type=int, default=5)
    add("--publish", action="store_true", help=f"put the table into {PAGE.name}")
    # What a contestant's process is told.
    add("--engine", choices=("own", "sinabs"), help=argparse.SUPPRESS)
    add("--material", type=Path, nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def work(chosen: argparse.Namespace) -> None:
    """Answer requests, a line of JSON each, with seconds and counts: a contestant's process.

    The code of the contestant lies in `chosen.before`.
    """
    sys.path.insert(0, str(chosen.before / "workflow" / "scripts"))
    from dataclasses import replace

    import torch

    from dvs_snn.engines.engine import open_spiking
    from dvs_snn.engines.verification import first_events
    from dvs_snn.settings.inference import InferenceSettings

    torch.set_num_threads(1)
    network, stored = chosen.material
    # The process before wrote this file.
    recordings = pickle.loads(stored.read_bytes())

    opened = {}
    for line in sys.stdin:
        request = json.loads(line)
        timing = request["timing"]
        scale = request["scale"]
        if (timing, scale) not in opened:
            settings = replace(
                InferenceSettings(), timing=timing, engine=chosen.engine, compute_threads=1
            )
            opened[timing, scale] = open_spiking(network, scale, settings)
            list(opened[timing, scale].respond(recordings[:1]))
        taken = recordings
        if chosen.engine == "sinabs" and timing == "events":
            taken = [first_events(r, SINABS_EVENTS) for r in recordings[:SINABS_RECORDINGS]]
        begin = time.perf_counter()
        responses = list(opened[timing, scale].respond(taken))
        seconds = time.perf_counter() - begin
        counts = [[int(r.synops), *r.spikes.sum(axis=0).tolist()] for r in responses]
        print(json.dumps({"seconds": seconds, "counts": counts}), flush=True)


def started(engine: str, code: Path, files: list[str]) -> subprocess.Popen:
    """Start a contestant's process, which runs the code below `code` on two files of material."""
    command = [sys.executable, __file__, "--engine", engine, "--before", str(code), "--material"]
    command += files
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@dataclass(frozen=True)
class Run:
    """One pass of a contestant over all its recordings.

    `counts` has for each recording its SynOps, then the spikes of each output.
    """

    seconds: float
    counts: list[list[int]]

    @property
    def nanoseconds_per_synop(self) -> float:
        return self.seconds / sum(synops for synops, *_ in self.counts) * 1e9

    def agreement(self, other: "Run") -> str:
        """Say in how many recordings two contestants count the same."""
        pairs = zip(self.counts, other.counts, strict=True)
        return f"{sum(a == b for a, b in pairs)} of {len(self.counts)}"


def run(contestant: subprocess.Popen, timing: str, scale: float) -> Run:
    """Let a contestant run once."""
    contestant.stdin.write(json.dumps({"timing": timing, "scale": scale}) + "\n")
    contestant.stdin.flush()
    return Run(**json.loads(contestant.stdout.readline()))


def shown(times: list[float]) -> str:
    """Return median, smallest and largest."""
    median, lowest, highest = (
        f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
        for value in (statistics.median(times), min(times), max(times))
    )
    return f"{median} ({lowest} to {highest})"


def row(contestants: dict[str, subprocess.Popen], timing: str, scale: float, repeats: int) -> str:
    """Measure one timing at one scale; return a row of the table."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    last: dict[str, Run] = {}
    # The first time each compiles and warms up.
    for repeat in range(repeats + 1):
        for name, contestant in contestants.items():
            last[name] = run(contestant, timing, scale)
            if repeat:
                times[name].append(last[name].nanoseconds_per_synop)
    faster = statistics.median(times["before"]) / statistics.median(times["now"])
    return (
        f"| {timing} | {scale} | {shown(times['before'])} | {shown(times['now'])} | {faster:.2f} "
        f"| {last['now'].agreement(last['before'])} | {shown(times['sinabs'])} |"
    )


def measured(chosen: argparse.Namespace) -> list[str]:
    """Let all contestants take turns; return the rows of the table."""
    # It loads the package of this commit, which the process of another one must not.
    from speed import material

    with tempfile.TemporaryDirectory(prefix="per-synop-") as folder:
        given = material.prepare(chosen.results, Path(folder), chosen.recordings)
        files = [str(given.network), str(given.recordings)]
        contestants = {
            "before": started("own", chosen.before.resolve(), files),
            "now": started("own", ROOT, files),
            "sinabs": started("sinabs", ROOT, files),
        }
        rows = [
            row(contestants, timing, scale, chosen.repeats)
            for timing in ("events", "steps")
            for scale in SCALES
        ]
        for contestant in contestants.values():
            contestant.stdin.close()
            contestant.wait()
    return rows


def main() -> None:
    chosen = options()
    if chosen.engine:
        work(chosen)
        return

    rows = measured(chosen)
    command = ["git", "-C", str(chosen.before), "rev-parse", "--short=8", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    about = machine.describe()
    section = "\n".join(
        [
            TITLE,
            "",
            f"Nanoseconds per SynOp in one thread, all overhead included: {chosen.recordings} "
            f"recordings of `test`, medians of {chosen.repeats}, smallest and largest. *Before* is "
            f"commit `{commit}`. *Same counts*: in so many recordings SynOps and the spikes of all "
            f"outputs equal those before. By events sinabs gets {SINABS_EVENTS} events of "
            f"{SINABS_RECORDINGS} recordings. {about['processor']} ({about['features']}).",
            "",
            "| timing | scale | before | now | times as fast | same counts | sinabs |",
            "|---|---:|---|---|---:|---:|---|",
            *rows,
            "",
        ]
    )
    print(section)
    if chosen.publish:
        page = PAGE.read_text(encoding="utf-8").partition(TITLE)[0]
        PAGE.write_text(f"{page.rstrip()}\n\n{section}", encoding="utf-8")


if __name__ == "__main__":
    main()
