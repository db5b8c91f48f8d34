"""Both engines on many recordings and scales: in every entry with int8 weights, and how far apart
with float32 weights; with `--timing events` on the first events of each recording, one by one.

    python benchmarks/exactness.py --results results/simulated [--recordings 1000] [--set test]
                                   [--timing events]

The network of the study's first variant and seed, for int8 as a chip computes it. There the scales
are powers of two, so sums are exact in float32.
"""

import argparse
from pathlib import Path

import pandas as pd
from speed import ROOT
from tqdm import tqdm

from dvs_snn.engines.verification import FIRST_EVENTS, agreement, compare, first_events
from dvs_snn.networks.discretisation import discretise
from dvs_snn.networks.spiking_network import load_spiking
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.inference import InferenceSettings
from dvs_snn.settings.study_settings import read_configs

POWERS_OF_TWO = [2.0**k for k in range(-7, 5)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=ROOT / "results" / "simulated")
    parser.add_argument("--recordings", type=int, default=1000)
    parser.add_argument("--set", default="test")
    parser.add_argument("--timing", choices=["steps", "events"], default="steps")
    chosen = parser.parse_args()
    used = read_configs([chosen.results / "config.used.yaml"])
    path = chosen.results / "work/networks" / next(iter(used.variants)) / f"seed-{used.seeds[0]}"
    trained = load_spiking(path.with_suffix(".safetensors"))
    scenes = used.simulation.scenes | {"": used.data}
    recorded = open_store(
        *(chosen.results / "work/events" / f"{chosen.set}.{end}" for end in ("npy", "csv")),
        {name: placement_of(section) for name, section in scenes.items()},
    )
    how = InferenceSettings(used.inference.step_ms, batch_size=2, timing=chosen.timing)
    recordings = [
        recording.in_steps(how.step_us) for recording in recorded.evenly(chosen.recordings)
    ]
    steps = {recording.recording: recording.steps for recording in recordings}
    if how.timing == "events":
        steps = {name: first_events(each, FIRST_EVENTS) for name, each in steps.items()}
    for weights, network, scales in (
        ("int8", discretise(trained, 1.0), POWERS_OF_TWO),
        ("float32", trained, used.sweep.scales),
    ):
        rows = pd.concat(compare(network, [scale], steps, how) for scale in tqdm(scales))
        entries, synops, digits = agreement(rows).values()
        print(
            f"{weights}: {rows.recording.nunique()} recordings at {len(scales)} scales, "
            f"{rows.entries.sum()} output entries, {int(rows.synops_sinabs.sum())} SynOps; "
            f"entries that differ {int(rows.entries_differing.sum())} "
            f"({entries:.2g}), SynOps apart by {synops:.2g}, digits that differ "
            f"{round(digits * len(rows))}"
        )


if __name__ == "__main__":
    main()
