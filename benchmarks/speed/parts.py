"""The parts of the benchmark: each measures and returns rows."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

from speed.crew import crew, interleaved, together
from speed.engines import available, layouts
from speed.material import Material, evenly

Say = Callable[[str], None]

BATCHES = (1, 2, 5, 10, 20, 50, 100)
PROBE_ROUNDS = 3
PROBE_RECORDINGS = 100


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        repeats: interleaved repeats of every measurement.
        recordings: of the comparison at scale 1.00.
        few: of the others: more scales, one thread.
        threads: of the comparison; one thread is measured beside.
        epochs: passes over the training frames.
    """

    repeats: int
    recordings: int
    few: int
    threads: int
    epochs: int


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


def _files(material: Material) -> dict[str, str]:
    return {"network": str(material.network), "recordings": str(material.recordings)}


def probe(material: Material, plan: Plan, scratch: Path, say: Say) -> dict[str, dict]:
    """Find the fastest batch size and layout of each contestant, by processes of their own.

    The best of three runs each, all sizes once before any a second time: a slow minute of the
    machine is not to choose. What is measured later is measured anew.
    """
    chosen = evenly(plan.recordings, PROBE_RECORDINGS).tolist()
    best = {"event": {"batch_size": 1, "layout": "layers"}}
    for engine in available():
        if engine in best:
            continue
        rates: dict[tuple[str, int], float] = {}
        with crew([engine], scratch / "probe.log") as members:
            for _, layout, batch_size in product(range(PROBE_ROUNDS), layouts(engine), BATCHES):
                request = {
                    "do": "infer",
                    "engine": engine,
                    "batch_size": batch_size,
                    "layout": layout,
                    "threads": plan.threads,
                    "chosen": chosen[: max(20, batch_size)],
                    **_files(material),
                }
                members[engine].ask(**request, warm_up=True)
                answer = members[engine].ask(**request)
                rate = answer["steps"] / answer["seconds"]
                rates[layout, batch_size] = max(rate, rates.get((layout, batch_size), 0.0))
        layout, batch_size = max(rates, key=lambda key: rates[key])
        best[engine] = {"batch_size": batch_size, "layout": layout}
        say(f"{engine}: best at {batch_size}, {layout}")
    return best


def inference(material: Material, plan: Plan, scratch: Path, say: Say) -> list[dict]:
    """Compare all contestants at scale 1.00, then at 0.10 and 10.00, and with one thread."""
    best = probe(material, plan, scratch, say)
    conditions = [
        (1.0, plan.threads, plan.recordings),
        (0.1, plan.threads, plan.few),
        (10.0, plan.threads, plan.few),
        (1.0, 1, plan.few),
    ]
    rows = []
    with crew(list(best), scratch / "inference.log") as members:
        for condition, (scale, threads, n) in enumerate(conditions):
            chosen = evenly(plan.recordings, n).tolist()
            say(f"inference at scale {scale:.2f}, {counted(threads)}, {len(chosen)} recordings")
            common = {"scale": scale, "threads": threads, "chosen": chosen, **_files(material)}
            tasks = {}
            for engine, member in members.items():
                request = {"do": "infer", "engine": engine, **common, **best[engine]}
                member.ask(**request, warm_up=True)
                tasks[engine] = partial(member.ask, **request)
            answers = interleaved(tasks, plan.repeats, say)
            for engine, repeats in answers.items():
                rows.append(
                    {"condition": condition, "engine": engine, **best[engine]}
                    | {"scale": scale, "threads": threads, "recordings": len(chosen)}
                    | spread([answer["steps"] / answer["seconds"] for answer in repeats])
                    | {"peak_mb": repeats[-1]["peak_mb"]}
                    | agreement(repeats[0], answers["sinabs"][0])
                )
    return rows


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
