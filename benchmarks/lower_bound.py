"""How the presets' lower bounds of the membrane potential are chosen: every candidate by events.

    python benchmarks/lower_bound.py --results results/simulated [--per-digit 40] [--threads 2]

It needs a finished study of simulated recordings. It makes recordings of the study's validation
symbols, which no test set shows: `PARTS`. The study's networks read them event by event at every
scale and candidate bound. Nothing is trained again: only the conversion puts bounds in. Variants
that train in time do so with theirs, so they are left out.

Accuracy and cost are means over the parts and the seeds. The study's rule of the choice takes one
of all bounds and scales. Rows go to results/benchmarks/lower_bound.csv; the printed table has for
each bound the scale that the rule takes there. Put a chosen bound into the preset by hand.
"""

import argparse
import sys
from functools import partial
from pathlib import Path

import pandas as pd
from speed import ROOT

from dvs_snn.engines.engine import Spiking
from dvs_snn.engines.kinds.own.layout import lay_out
from dvs_snn.evaluation.cheapest import pick
from dvs_snn.evaluation.of_set import evaluate_recordings
from dvs_snn.evaluation.statistics import synops_rates, wilson_interval
from dvs_snn.files.job import Progress
from dvs_snn.networks.spiking_network import load_spiking
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.store.event_store import BinnedRecording, StoredRecording
from dvs_snn.settings.method_settings import Converted
from dvs_snn.settings.simulation_settings import ValidationSet
from dvs_snn.settings.study_settings import Study, read_configs, variants_of
from dvs_snn.simulation.drawn_symbols import read_symbols
from dvs_snn.simulation.takes import nominal_sensor, nominal_take, set_takes

BOUNDS = (-0.25, -0.5, -1.0, -2.0, -5.0)
PARTS = {
    "mnist-dvs, 0.3 s": ("mnist-dvs", ValidationSet((4, 8, 16), 0.3)),
    "mnist-dvs, 2.5 s": ("mnist-dvs", ValidationSet((4, 8, 16), 2.5)),
    "saccades": ("saccades", ValidationSet()),
}
"""Each with its scene and what `simulation.validation` would say in a study that chooses on it."""

POINT = ["variant", "bound", "scale"]
COST = "synops_per_3000_events"


def recordings_of(study: Study, symbols: Path, part: str, per_digit: int) -> list[BinnedRecording]:
    """Make a part's recordings of the first validation symbols of each digit."""
    scene, changes = PARTS[part]
    drawn = read_symbols(symbols)
    changed = study.simulation.with_scene(scene, changes).of_scenes(scene)
    sensor = nominal_sensor(changed, scene, study.seed)
    placement = placement_of(changed.scenes[scene])
    made = []
    n_made = dict.fromkeys(range(10), 0)
    for take in set_takes(changed, drawn, scene, "validation"):
        n_made[take.label] += 1
        if n_made[take.label] <= per_digit:
            raw = nominal_take(take, drawn, changed, sensor, study.seed)
            recording = StoredRecording(
                recording=take.name,
                symbol=take.symbol,
                label=take.label,
                scene=scene,
                sha256="",
                raw=raw,
                placement=placement,
            )
            made.append(recording.in_steps(study.inference.step_us))
    return made


def summed(rows: pd.DataFrame) -> pd.DataFrame:
    """Return accuracy and cost of each part at each point, means over the seeds; n is symbols."""
    of_seeds = [
        {**dict(zip([*POINT, "part", "seed"], key, strict=True)), COST: synops_rates(of)[COST]}
        | {"accuracy": of["correct"].mean(), "n": of["symbol"].nunique()}
        for key, of in rows.groupby([*POINT, "part", "seed"])
    ]
    means = pd.DataFrame(of_seeds).groupby([*POINT, "part"])[["accuracy", "n", COST]].mean()
    ends = [wilson_interval(row.accuracy, int(row.n)) for row in means.itertuples()]
    return means.assign(accuracy_low=[low for low, _ in ends], accuracy_high=[h for _, h in ends])


def printed(parts: pd.DataFrame, margin: float) -> pd.DataFrame:
    """Return a row for each bound of a variant, at the scale that the study's rule takes there.

    The rule sees means over `PARTS`. A star marks what it takes of all bounds and scales.
    """
    means = parts[parts.index.get_level_values("part").isin(PARTS)]
    means = means.groupby(["bound", "scale"])[["accuracy", COST]].mean()

    def taken(of: pd.DataFrame) -> tuple[object, ...]:
        return of.index[int(pick(*of.to_numpy().T, margin))]

    lines = means.loc[[taken(of_bound) for _, of_bound in means.groupby("bound")]]
    stars = ["*" * (point == taken(means)) for point in lines.index]
    return lines.join(parts["accuracy"].unstack("part")).assign(chosen=stars)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=ROOT / "results" / "simulated")
    parser.add_argument("--per-digit", type=int, default=40, help="validation symbols of a digit")
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    study = read_configs([chosen.results / "config.used.yaml"])
    symbols = chosen.results / "work/recordings/symbols.npz"
    progress = Progress(sys.stderr)
    sets = {part: recordings_of(study, symbols, part, chosen.per_digit) for part in PARTS}
    tables = []
    for variant, settings in variants_of(study).items():
        if settings.through_time or not isinstance(settings, Converted):
            continue
        for seed in study.seeds:
            path = chosen.results / "work/networks" / variant / f"seed-{seed}.safetensors"
            network = load_spiking(path)
            for scale in settings.scales or ():
                for bound in BOUNDS:
                    laid = lay_out(network.scaled(scale).bounded(bound))
                    run = partial(laid.respond, threads=chosen.threads, timing="events")
                    key = {"variant": variant, "seed": seed, "scale": scale, "bound": bound}
                    for part, recordings in sets.items():
                        evaluated = evaluate_recordings(
                            Spiking(laid.layers, run),
                            recordings,
                            study.inference.step_ms,
                            progress,
                            f"{part} {key}",
                        )
                        tables.append(evaluated.readings.assign(part=part, **key))
    rows = pd.concat(tables)
    smallest = rows[rows["recording"].str.contains("scale04")]
    parts = [summed(rows), summed(smallest.assign(part="size 4, " + smallest["part"]))]
    parts = pd.concat(parts).sort_index()
    out = ROOT / "results" / "benchmarks" / "lower_bound.csv"
    out.parent.mkdir(parents=True, exist_ok=True)
    parts.to_csv(out)
    for variant, of_variant in parts.groupby("variant"):
        print(f"\n{variant}, seeds {list(study.seeds)}, n = {of_variant['n'].max():g} symbols")
        lines = printed(of_variant.loc[variant], study.choice.margin).round(4).reset_index()
        print(lines.to_string(index=False))


if __name__ == "__main__":
    main()
