"""The parts of the benchmark: each measures and returns rows."""

import json
import math
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from speed.crew import BENCHMARKS, Member, crew, interleaved, together
from speed.engines import PEERS, available, layouts
from speed.material import Material, evenly

Say = Callable[[str], None]

BATCHES = {"cpu": (1, 2, 5, 10, 20, 50, 100), "cuda": (10, 100, 500, 1000)}
PROBE_ROUNDS = 3
PROBE_RECORDINGS = 100
SCALES = (0.1, 0.22, 0.46, 1.0, 2.15, 4.64, 10.0)
STOCK = [name for name in PEERS if name.endswith("-stock")]


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        repeats: interleaved repeats of every measurement.
        recordings: of the comparison at scale 1.00.
        few: of the others: more scales, one thread, stock neurons.
        threads: of the comparison; one thread is measured beside.
        epochs: passes over the training frames.
        simulated: recordings of the simulator's part.
        devices: `cpu`, and `cuda` where a GPU is visible.
    """

    repeats: int
    recordings: int
    few: int
    threads: int
    epochs: int
    simulated: int
    devices: tuple[str, ...]


def counted(threads: int) -> str:
    """Return `1 thread`, `2 threads`."""
    return f"{threads} thread{'s' if threads > 1 else ''}"


def spread(values: list[float]) -> dict[str, float]:
    """Return minimum, median and maximum."""
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def agreement(answers: dict, reference: dict) -> dict:
    """Count the recordings in which two contestants agree: in the digit, and in every spike."""
    pairs = list(zip(answers["predicted"], reference["predicted"], strict=True))
    checks = zip(answers.get("check", []), reference.get("check", []), strict=False)
    return {
        "n": len(pairs),
        "digits_equal": sum(a == b for a, b in pairs),
        "spikes_equal": sum(a == b for a, b in checks) if "check" in answers else None,
    }


def fitted_slope(x: list[float], y: list[float]) -> float:
    """Return the least-squares slope of log y against log x: 1 where time grows in proportion."""
    u, v = [math.log(value) for value in x], [math.log(value) for value in y]
    return statistics.linear_regression(u, v).slope


def _files(material: Material) -> dict[str, str]:
    return {"network": str(material.network), "recordings": str(material.recordings)}


def probe(material: Material, plan: Plan, scratch: Path, say: Say) -> list[dict]:
    """Find the best batch size and layout of each contestant, by processes of their own.

    The best of three runs each, all sizes once before any a second time: a slow minute of the
    machine is not to choose. What is measured later is measured anew.
    """
    chosen = evenly(plan.recordings, PROBE_RECORDINGS).tolist()
    rows = []
    for device in plan.devices:
        for engine in available():
            if engine == "event":
                continue
            rates: dict[tuple[str, int], float] = {}
            with crew([engine], scratch / "probe.log") as members:
                for _, layout, batch_size in product(
                    range(PROBE_ROUNDS), layouts(engine), BATCHES[device]
                ):
                    request = dict(
                        do="infer", engine=engine, batch_size=batch_size, layout=layout,
                        threads=plan.threads, device=device, **_files(material),
                        chosen=chosen[: max(20, batch_size)],
                    )  # fmt: skip
                    members[engine].ask(**request, warm_up=True)
                    one = members[engine].ask(**request)
                    rate = one["steps"] / one["seconds"]
                    rates[layout, batch_size] = max(rate, rates.get((layout, batch_size), 0.0))
            rows += [
                {
                    "device": device, "engine": engine, "layout": layout,
                    "batch_size": batch_size, "steps_per_s": rate,
                }
                for (layout, batch_size), rate in rates.items()
            ]  # fmt: skip
            best = best_of(rows, engine, device)
            say(f"{engine} on {device}: best at {best['batch_size']}, {best['layout']}")
    return rows


def best_of(probed: list[dict], engine: str, device: str) -> dict:
    """Return the batch size and the layout that were fastest."""
    rows = [row for row in probed if (row["engine"], row["device"]) == (engine, device)]
    if not rows:
        return {"batch_size": 1, "layout": "layers"}
    best = max(rows, key=lambda row: row["steps_per_s"])
    return {key: best[key] for key in ("batch_size", "layout")}


def _field(plan: Plan, devices: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the contestants as (engine, device); the event engine has no GPU."""
    return [
        (engine, device)
        for device in devices
        for engine in available()
        if not (device == "cuda" and engine == "event")
    ]


def _compare(
    material: Material, plan: Plan, probed: list[dict], members: dict[str, Member], say: Say,
    engines: list[tuple[str, str]], scale: float, threads: int, n: int,
) -> list[dict]:  # fmt: skip
    """Measure contestants side by side under one condition; return a row for each."""
    chosen = evenly(plan.recordings, n).tolist()
    tasks, settings = {}, {}
    for engine, device in engines:
        name = f"{engine} {device}"
        best = best_of(probed, engine, device)
        request = dict(
            do="infer", engine=engine, device=device, scale=scale, threads=threads,
            chosen=chosen, **best, **_files(material),
        )  # fmt: skip
        members[name].ask(**request, warm_up=True)
        settings[name] = {"engine": engine, "device": device} | best
        tasks[name] = lambda name=name, request=request: members[name].ask(**request)
    found = interleaved(tasks, plan.repeats, say)
    reference = found["sinabs cpu"][0]
    rows = []
    for name, answers in found.items():
        rates = [one["steps"] / one["seconds"] for one in answers]
        rows.append(
            settings[name]
            | {"scale": scale, "threads": threads, "recordings": len(chosen)}
            | spread(rates)
            | {"peak_mb": answers[-1]["peak_mb"]}
            | agreement(answers[0], reference)
        )
    return rows


def inference(
    material: Material, plan: Plan, probed: list[dict], scratch: Path, say: Say
) -> list[dict]:
    """Compare all contestants at scale 1.00, then at 0.10 and 10.00, with one thread, and stock."""
    field = _field(plan, plan.devices)
    same = [one for one in field if one[0] not in STOCK]
    on_cpu = [one for one in same if one[1] == "cpu"]
    stock = [one for one in field if one[0] in STOCK and one[1] == "cpu"]
    conditions = [
        (same, 1.0, plan.threads, plan.recordings),
        (same, 0.1, plan.threads, plan.few),
        (same, 10.0, plan.threads, plan.few),
        (on_cpu, 1.0, 1, plan.few),
        ([("event", "cpu"), ("sinabs", "cpu"), *stock], 1.0, plan.threads, plan.few),
    ]
    rows = []
    with crew([f"{engine} {device}" for engine, device in field], scratch / "i.log") as members:
        for part, (engines, scale, threads, n) in enumerate(conditions):
            n = min(n, plan.recordings)
            say(f"inference at scale {scale:.2f}, {counted(threads)}, {n} recordings")
            made = _compare(material, plan, probed, members, say, engines, scale, threads, n)
            rows += [{"condition": part} | row for row in made]
    return rows


def first_use(material: Material, plan: Plan, scratch: Path, say: Say) -> list[dict]:
    """Time the first recording of a process: kernels compiled, and loaded from numba's cache."""
    rows = []
    for repeat in range(plan.repeats):
        with tempfile.TemporaryDirectory(dir=scratch) as cache:
            for state in ("compiled", "from the cache"):
                member = Member(scratch / "first.log", {"NUMBA_CACHE_DIR": cache})
                answer = member.ask(do="first_use", **_files(material))
                member.stop()
                rows.append({"repeat": repeat, "kernels": state} | answer)
        say(f"first use, repeat {repeat + 1} of {plan.repeats}")
    return rows


METHODS: dict[str, dict] = {
    "quantised": {}, "qcfs": {}, "synop-loss": {"synops": 5e5},
    "bptt": {"synops": 5e5, "batch_size": 16},
}  # fmt: skip
"""Methods that train with gradients, after the CNN, and what they need."""


def trainings(plan: Plan, section: dict) -> dict[str, dict]:
    """Return the contestants of training by name: how each trains."""
    found: dict[str, dict] = {
        "tutorial, one process": {"loop": "tutorial", "workers": 0, "threads": plan.threads},
        "tutorial, two workers": {"loop": "tutorial", "workers": 2, "threads": plan.threads},
    }
    for loop, title in (("ours", "ours, as the tutorial"), ("study", "ours, as the study")):
        own = {"section": section} if loop == "study" else {}
        for precision in ("float32", "bfloat16"):
            found[f"{title}, {precision}, {counted(1)}"] = {
                "loop": loop, "precision": precision, "threads": 1, **own,
            }  # fmt: skip
    found["ours, as the study, bfloat16, two seeds side by side"] = {
        "loop": "study", "precision": "bfloat16", "threads": 1, "section": section,
        "side_by_side": 2,
    }  # fmt: skip
    for method, own in METHODS.items():
        found[f"ours, {method}, float32, {counted(1)}"] = {
            "loop": "study", "precision": "float32", "threads": 1,
            "section": section | {"method": method, "start": "plain", **own},
        }  # fmt: skip
    for precision, batch_size in product(("float32", "bfloat16"), (256, section["batch_size"])):
        found[f"limit, {precision}, batch {batch_size}, {counted(1)}"] = {
            "loop": "limit", "precision": precision, "threads": 1, "batch_size": batch_size,
        }  # fmt: skip
    return found


def training(material: Material, plan: Plan, scratch: Path, say: Say) -> list[dict]:
    """Compare loops and methods on the same frames; every repeat trains another seed."""
    field = trainings(plan, material.config["training"])
    names = [
        f"{name}/{i}" for name, how in field.items() for i in range(how.get("side_by_side", 1))
    ]
    common = {"do": "train", "frames": str(material.frames), "folder": str(material.folder)}
    common |= _files(material)
    seeds = dict.fromkeys(field, 0)
    with crew(names, scratch / "training.log") as members:

        def task(name: str, epochs: int = plan.epochs) -> dict:
            how = {key: value for key, value in field[name].items() if key != "side_by_side"}
            seeds[name] += 1
            group = [members[one] for one in names if one.rsplit("/", 1)[0] == name]
            request = common | how | {"epochs": epochs, "seed": seeds[name]}
            return together(group, **request)

        for name in field:
            # torch and the libraries are loaded, and the frames read, before the clock starts.
            task(name, 1)
            seeds[name] = 0
        say("training: an epoch each to warm up is done")
        tasks = {name: lambda name=name: task(name) for name in field}
        found = interleaved(tasks, plan.repeats, say)
    rows = []
    for name, answers in found.items():
        how = field[name]
        losses = [one["loss"] for one in answers]
        batch = {"tutorial": 256, "ours": 256}.get(how["loop"]) or how.get("batch_size")
        rows.append(
            {"contestant": name, "loop": how["loop"], "threads": how["threads"]}
            | {"batch_size": batch or how["section"]["batch_size"]}
            | spread([one["frames"] / one["seconds"] for one in answers])
            | {"peak_mb": answers[-1]["peak_mb"], "loader_mb": answers[-1]["children_mb"]}
            | {"loss": statistics.fmean(losses), "loss_min": min(losses), "loss_max": max(losses)}
        )
    return rows


def _scaling_requests(material: Material, plan: Plan, engine: str) -> list[dict]:
    """Return what is measured against what: recordings, steps, activity."""
    # The peers compute every neuron in every step: a tenth of the way shows their line.
    upto, times = (10_000, 100) if engine == "event" else (1_000, 30)
    found = []
    for n in (10, 30, 100, 300, 1_000, 3_000, 10_000):
        if n <= upto:
            chosen = [i % plan.recordings for i in range(n)]
            found.append({"against": "recordings", "x": n, "chosen": chosen})
    ten = evenly(plan.recordings, 10).tolist()
    for k in (1, 3, 10, 30, 100):
        if k <= times:
            found.append({"against": "steps", "x": k, "chosen": ten, "in_a_row": k})
    hundred = evenly(plan.recordings, 100).tolist()
    for scale in SCALES:
        found.append({"against": "activity", "x": scale, "chosen": hundred, "scale": scale})
    return found


def scaling(
    material: Material, plan: Plan, probed: list[dict], scratch: Path, say: Say
) -> list[dict]:
    """Time this study's engine and sinabs against recordings, steps and activity."""
    rows = []
    engines = ["event", "sinabs"]
    with crew(engines, scratch / "scaling.log") as members:
        synops: dict[float, float] = {}
        for engine in engines:
            common = dict(do="infer", engine=engine, threads=plan.threads, **_files(material))
            common |= best_of(probed, engine, "cpu")
            members[engine].ask(**common, chosen=list(range(10)), warm_up=True)
            for request in _scaling_requests(material, plan, engine):
                about = {key: request.pop(key) for key in ("against", "x")}
                small = about["against"] == "activity" or len(request["chosen"]) <= 300
                answers = [
                    members[engine].ask(**common, **request) for _ in range(3 if small else 1)
                ]
                answer = min(answers, key=lambda one: one["seconds"])
                if engine == "event" and about["against"] == "activity":
                    synops[about["x"]] = answer["synops"] / answer["steps"]
                x = answer["steps"] / 10 if about["against"] == "steps" else about["x"]
                active = synops[about["x"]] if about["against"] == "activity" else None
                rows.append({
                    "engine": engine, "against": about["against"], "x": x,
                    "seconds": answer["seconds"], "steps": answer["steps"],
                    "synops_per_step": active,
                })  # fmt: skip
            say(f"scaling of {engine} is measured")
    return rows


def slopes(rows: list[dict]) -> list[dict]:
    """Fit each line of the scaling: the exponent, and against activity the time of a SynOp too."""
    found = []
    for engine in dict.fromkeys(row["engine"] for row in rows):
        for against in ("recordings", "steps", "activity"):
            mine = [row for row in rows if (row["engine"], row["against"]) == (engine, against)]
            if len(mine) < 2:
                continue
            key = "synops_per_step" if against == "activity" else "x"
            x = [row[key] for row in mine]
            y = [row["seconds"] for row in mine]
            line = {"engine": engine, "against": against, "exponent": fitted_slope(x, y)}
            if against == "activity":
                per_step = [row["seconds"] / row["steps"] for row in mine]
                straight = statistics.linear_regression(x, per_step)
                line |= {
                    "ns_per_synop": straight.slope * 1e9,
                    "us_at_rest": straight.intercept * 1e6,
                }
            found.append(line)
    return found


def simulator(plan: Plan, say: Say) -> list[dict]:
    """Run the simulator's own benchmark in a process of its own."""
    say("simulator")
    command = [
        sys.executable, "simulator.py", "--json", "--recordings", str(plan.simulated),
        "--repeats", str(plan.repeats),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=BENCHMARKS, capture_output=True, text=True, check=True)
    return [
        {key: row[key] for key in ("scene", "threads", "events_per_s", "first_use_s", "peak_mb")}
        | spread(row["recordings_per_s"])
        for row in json.loads(done.stdout.splitlines()[-1])
    ]
