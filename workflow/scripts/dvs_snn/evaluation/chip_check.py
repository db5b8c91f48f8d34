"""How far our count predicts a chip: guests on real recordings, beside what was published."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pandas as pd

from dvs_snn.engines.kinds import own
from dvs_snn.evaluation.of_set import evaluate_recordings
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.errors import StudyError
from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import read_shipped, schema, write_table
from dvs_snn.networks.discretisation import WEIGHT_BITS, discretise
from dvs_snn.networks.spiking_network import SpikingNetwork, load_spiking
from dvs_snn.recordings.store.event_store import RecordedSet, SetPlacement, open_sets
from dvs_snn.settings.guests import GUEST_SCALE, OURS, Guest
from dvs_snn.settings.inference import InferenceSettings, Timing
from dvs_snn.settings.training_settings import SYNOPS_EVENTS

RECORDINGS = 1000
"""Most recordings of a set that are run, evenly spread."""

WAYS: tuple[tuple[Timing, float | None], ...] = (
    ("steps", 10.0),
    ("steps", 1.0),
    ("events", None),
)
"""Each timing with the length of a step in milliseconds."""


@dataclass(frozen=True)
class CheckChipsJob:
    """What the rule `check_chips` gives.

    Attributes:
        networks, given, names, guests: of each guest its stored form, NIR file, name, settings.
        events, recorded: the store of each of the `sets`.
        published: table of measurements, which names networks by the hash of their file.
    """

    networks: list[Path]
    given: list[Path]
    names: list[str]
    guests: list[Guest]
    events: list[Path]
    recorded: list[Path]
    sets: list[SetPlacement]
    published: Path
    threads: int
    table: Path


def check_chips(job: CheckChipsJob, progress: Progress) -> None:
    """Write ``chip_check.csv``: each guest on real sets, and what others published of its file."""
    columns = list(schema("chip_check"))
    measured = read_shipped(job.published, ["sha256", *columns])
    ours = []
    parts = []
    guests = zip(job.names, job.networks, job.given, job.guests, strict=True)
    for name, path, file, guest in guests:
        network = load_spiking(path)
        placed = [each.on(network.layers[0].input_shape, guest.placement) for each in job.sets]
        for of_set, stored in open_sets(job.events, job.recorded, placed).items():
            key = {
                "network": name,
                "platform": OURS,
                "set": of_set,
                "symbols_trained_on": guest.seen_in(name, of_set, stored.table["symbol"]),
                "source": "",
            }
            title = f"{name}, {of_set}"
            ours += [key | row for row in _runs(network, stored, job.threads, progress, title)]
        parts.append(measured[measured["sha256"] == sha256_of(file)].assign(network=name))
    table = pd.concat([pd.DataFrame(ours, columns=columns), *parts], ignore_index=True)
    write_table(table, job.table, "chip_check")


def _runs(
    network: SpikingNetwork, stored: RecordedSet, threads: int, progress: Progress, title: str
) -> Iterator[dict[str, object]]:
    """Run a network on a set in each of `WAYS`, with its own weights and with those of a chip."""
    forms = {32: network}
    with suppress(StudyError):  # a chip can't add its pools up
        forms[WEIGHT_BITS] = discretise(network, GUEST_SCALE)
    shown = stored.evenly(RECORDINGS)
    for (bits, form), (timing, step_ms) in product(forms.items(), WAYS):
        length_ms = step_ms or 10.0
        evaluated = evaluate_recordings(
            own.opened(form, InferenceSettings(compute_threads=threads, timing=timing)),
            [each.in_steps(round(1000 * length_ms)) for each in shown],
            length_ms,
            progress,
            f"{title}, {bits} bits, {timing}",
        )
        readings = evaluated.readings
        accuracy = readings["correct"].astype(float).mean()
        low, high = wilson_interval(accuracy, readings["symbol"].nunique())
        n_events = max(1, readings["n_events"].sum())
        yield {
            "timing": timing,
            "step_ms": step_ms,
            "bits": bits,
            "n": len(readings),
            "accuracy": accuracy,
            "accuracy_low": low,
            "accuracy_high": high,
            "synops_per_3000_events": SYNOPS_EVENTS * readings["operations"].sum() / n_events,
            "first_layer_spikes": evaluated.layers["spikes_out"].iloc[0] / len(readings),
        }
