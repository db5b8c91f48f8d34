"""The parts of the benchmark: each measures and returns rows."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import product

from dvs_snn.files.arrays import evenly_picked
from speed.crew import ask, interleaved
from speed.engines import available, layouts
from speed.material import Material

Say = Callable[[str], None]

BATCHES = (2, 10, 50)
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
    """

    repeats: int
    recordings: int
    few: int
    threads: int


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


def probe(material: Material, plan: Plan, say: Say) -> dict[str, dict]:
    """Find the fastest batch size and layout of each contestant.

    The best of three runs each, all sizes once before any a second time: a slow minute of the
    machine is not to choose. What is measured later is measured anew.
    """
    chosen = evenly_picked(PROBE_RECORDINGS, plan.recordings).tolist()
    best = {name: {"batch_size": 1, "layout": "layers"} for name in ("own", "own-events")}
    for engine in available():
        if engine in best:
            continue
        rates: dict[tuple[str, int], float] = {}
        for _, layout, batch_size in product(range(PROBE_ROUNDS), layouts(engine), BATCHES):
            how = {"engine": engine, "batch_size": batch_size, "layout": layout}
            how |= {"threads": plan.threads, "chosen": chosen[: max(20, batch_size)]}
            answer = ask({**how, **_files(material)})
            rate = answer["steps"] / answer["seconds"]
            rates[layout, batch_size] = max(rate, rates.get((layout, batch_size), 0.0))
        layout, batch_size = max(rates, key=lambda key: rates[key])
        best[engine] = {"batch_size": batch_size, "layout": layout}
        say(f"{engine}: best at {batch_size}, {layout}")
    return best


def inference(material: Material, plan: Plan, say: Say) -> list[dict]:
    """Compare all contestants at scale 1.00, then at 0.10 and 10.00, and with one thread."""
    best = probe(material, plan, say)
    conditions = [
        (1.0, plan.threads, plan.recordings),
        (0.1, plan.threads, plan.few),
        (10.0, plan.threads, plan.few),
        (1.0, 1, plan.few),
    ]
    rows = []
    for condition, (scale, threads, n) in enumerate(conditions):
        chosen = evenly_picked(n, plan.recordings).tolist()
        say(f"inference at scale {scale:.2f}, {counted(threads)}, {len(chosen)} recordings")
        common = {"scale": scale, "threads": threads, "chosen": chosen}
        common |= _files(material)
        tasks = {
            engine: partial(ask, {"engine": engine, **common, **how})
            for engine, how in best.items()
        }
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
