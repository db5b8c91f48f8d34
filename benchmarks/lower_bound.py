"""How the presets' lower bounds of the membrane potential are chosen: every candidate by events.

    python benchmarks/lower_bound.py --results results/simulated [--per-digit 40] [--threads 2]

It needs a finished study of simulated recordings. It makes recordings of the study's validation
symbols, which no test set shows: in the scene mnist-dvs of all sizes and 2.5 s long, in saccades
the nominal ones. The study's networks read them event by event at every scale and candidate bound.
A long recording is also read after 0.3 s, as long as the default's sets are. Nothing is trained
again: only the conversion puts bounds in. Variants that train or search in time do so with theirs,
so they are left out.

Accuracy and cost are means over three parts (mnist-dvs after 0.3 s and after 2.5 s, saccades) and
over the seeds. The study's rule of the choice takes one of all bounds and scales. Rows go to
results/benchmarks/lower_bound.csv; the printed table has for each bound the scale that the rule
takes among those of this bound. Put a chosen bound into the preset by hand.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from speed import ROOT

from dvs_snn.engines.kinds.own.layout import lay_out
from dvs_snn.engines.response import Response
from dvs_snn.evaluation.choosing.trials import pick
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.networks.spiking import load_spiking
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.store.event_store import BinnedRecording, StoredRecording
from dvs_snn.settings.simulation import ValidationSet
from dvs_snn.settings.study import Study, read_configs, variants_of
from dvs_snn.simulation.symbols import read_symbols
from dvs_snn.simulation.takes import Take, nominal_sensor, nominal_take, set_takes

BOUNDS = (-0.25, -0.5, -1.0, -2.0, -5.0)
VALIDATION = ValidationSet(scales=(4, 8, 16), duration_s=2.5)
"""What `simulation.validation` would say in a study that chooses on such recordings."""
AFTER_S = {"mnist-dvs": (0.3, 2.5), "saccades": (np.inf,)}
POINT = ["variant", "bound", "scale"]


def recordings_of(
    study: Study, symbols: Path, per_digit: int
) -> Iterator[tuple[Take, BinnedRecording]]:
    """Make the recordings of the first validation symbols of each digit, in both scenes."""
    drawn = read_symbols(symbols)
    changed = study.simulation.with_scene("mnist-dvs", VALIDATION).of_scenes(*AFTER_S)
    for scene in AFTER_S:
        sensor = nominal_sensor(changed, scene, study.seed)
        placement = placement_of(changed.scenes[scene])
        takes = set_takes(changed, drawn, scene, "validation")
        for digit in range(10):
            for take in [take for take in takes if take.label == digit][:per_digit]:
                raw = nominal_take(take, drawn, changed, sensor, study.seed)
                about = take.name, take.symbol, take.label, scene, "", raw, placement
                yield take, StoredRecording(*about).in_steps(study.inference.step_us)


def readings(take: Take, response: Response, step_ms: float) -> Iterator[dict[str, object]]:
    """Yield what a network had read and spent after each time at which it is looked at."""
    spent = np.cumsum(response.step_synops)
    for seconds in AFTER_S[take.scene]:
        end = round(seconds * 1000 / step_ms, 6)
        at = max(0, int(np.searchsorted(response.moments, end, side="right")) - 1)
        yield {
            "part": f"{take.scene} {seconds:g} s" if np.isfinite(seconds) else take.scene,
            "size": take.size or 0,
            "symbol": take.symbol,
            "right": int(response.predictions[at] == take.label),
            "synops": spent[at],
            "events": response.n_events[at],
        }


def summed(rows: pd.DataFrame, *keys: str) -> pd.DataFrame:
    """Return accuracy and SynOps per 3,000 events, means over the seeds; n counts symbols."""
    sums = rows.groupby([*POINT, *keys, "seed"]).agg(
        accuracy=("right", "mean"), n=("symbol", "nunique"),
        synops=("synops", "sum"), events=("events", "sum"),
    )  # fmt: skip
    sums["synops_per_3000_events"] = 3000 * sums["synops"] / sums["events"]
    means = sums.groupby([*POINT, *keys])[["accuracy", "n", "synops_per_3000_events"]].mean()
    ends = [wilson_interval(row.accuracy, int(row.n)) for row in means.itertuples()]
    return means.assign(accuracy_low=[low for low, _ in ends], accuracy_high=[h for _, h in ends])


def chosen_of(points: pd.DataFrame, margin: float) -> tuple[object, ...]:
    """Return the point that the study's rule takes, by the mean over the parts."""
    means = points.groupby(POINT)[["accuracy", "synops_per_3000_events"]].mean()
    return means.index[int(pick(*means.to_numpy().T, margin))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=ROOT / "results" / "simulated")
    parser.add_argument("--per-digit", type=int, default=40, help="validation symbols of a digit")
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    study = read_configs([chosen.results / "config.used.yaml"])
    symbols = chosen.results / "recordings" / "symbols.npz"
    takes, recordings = zip(*recordings_of(study, symbols, chosen.per_digit), strict=True)
    steps, step_ms = [each.steps for each in recordings], study.inference.step_ms
    print(f"{len(steps)} recordings, {sum(len(each.step) for each in steps):,} events", flush=True)
    rows, margin = [], study.choice.margin
    for variant, settings in variants_of(study).items():
        if settings.in_steps:
            print(f"{variant} is left out: it trained or searched with its bound")
            continue
        for seed in study.seeds:
            path = chosen.results / "networks" / variant / f"seed-{seed}.safetensors"
            network = lay_out(load_spiking(path))
            for scale in settings.scales:
                for bound in BOUNDS:
                    key = {"variant": variant, "seed": seed, "scale": scale, "bound": bound}
                    run = network.scaled(scale).bounded(bound).respond
                    for take, response in zip(
                        takes, run(steps, chosen.threads, "events"), strict=True
                    ):
                        rows += [key | row for row in readings(take, response, step_ms)]
                print(f"{variant}, seed {seed}, scale {scale:.2f}", flush=True)
    table = pd.DataFrame(rows)
    out = ROOT / "results" / "benchmarks" / "lower_bound.csv"
    out.parent.mkdir(parents=True, exist_ok=True)
    summed(table, "part", "size").to_csv(out)
    parts = summed(table, "part")
    small = summed(table[table["size"] == 4], "part")["accuracy"]
    for variant, of_variant in parts.groupby("variant"):
        taken = chosen_of(of_variant, margin)
        lines = []
        for bound, of_bound in of_variant.groupby("bound"):
            point = chosen_of(of_bound, margin)
            at, of_small = of_bound.loc[point], small.loc[point]
            line = {"bound": bound, "scale": point[-1], "accuracy": at["accuracy"].mean()}
            line |= at["accuracy"].to_dict() | {f"size 4, {n}": a for n, a in of_small.items()}
            line["SynOps per 3,000 events"] = round(at["synops_per_3000_events"].mean())
            lines.append(line | {"chosen": "*" * (point == taken)})
        print(f"\n{variant}, seeds {list(study.seeds)}, n = {parts['n'].max():g} symbols")
        print(pd.DataFrame(lines).round(4).to_string(index=False))


if __name__ == "__main__":
    main()
