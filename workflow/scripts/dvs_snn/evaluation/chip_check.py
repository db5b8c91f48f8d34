"""How far our count predicts a chip: guests on real recordings, beside what was published."""

from contextlib import suppress
from itertools import product
from pathlib import Path

import pandas as pd

from dvs_snn.engines.kinds.own import laid_out
from dvs_snn.evaluation.of_set import evaluate_recordings
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.errors import StudyError
from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import read_shipped, schema, write_table
from dvs_snn.networks.discretisation import WEIGHT_BITS, discretise
from dvs_snn.networks.spiking_network import load_spiking
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.guests import GUEST_SCALE, OURS, Guest
from dvs_snn.settings.training import SYNOPS_EVENTS

RECORDINGS = 1000
"""Most recordings of a set that are run, evenly spread."""

WAYS = ("steps", 10.0), ("steps", 1.0), ("events", None)
"""Each timing with the length of a step in milliseconds."""


def check_chips(
    networks: list[Path],
    given: list[Path],
    names: list[str],
    guests: list[Guest],
    events: list[Path],
    recorded: list[Path],
    placements: list[dict[str, Placement]],
    sets: list[str],
    published: Path,
    threads: int,
    table: Path,
    progress: Progress,
) -> None:
    """Write ``chip_check.csv``: each guest on real `sets`, and what others published of its file.

    Args:
        networks, given, names, guests: of each guest its stored form, NIR file, name, settings.
        events, recorded, placements: of each of the `sets`.
        published: table of measurements, which names networks by the hash of their file.
    """
    columns, ours, parts = list(schema("chip_check")), [], []
    measured = read_shipped(published, ["sha256", *columns])
    for name, path, file, guest in zip(names, networks, given, guests, strict=True):
        network = load_spiking(path)
        forms = {32: network}
        with suppress(StudyError):  # a chip can't add its pools up
            forms[WEIGHT_BITS] = discretise(network, GUEST_SCALE)
        for of_set, *stored, scenes in zip(sets, events, recorded, placements, strict=True):
            shape, changes = network.layers[0].input_shape, guest.placement
            laid = {scene: each.on(shape, **changes) for scene, each in scenes.items()}
            store = open_store(*stored, laid)
            shown, seen = store.evenly(RECORDINGS), guest.seen_in(of_set, store.table["symbol"])
            for (bits, form), (timing, step_ms) in product(forms.items(), WAYS):
                spiking = laid_out(form, threads, timing)
                length_ms = step_ms or 10.0
                steps = ((each.in_steps(round(1000 * length_ms)), None) for each in shown)
                title = f"{name}, {of_set}, {bits} bits, {timing}"
                how = length_ms, progress, len(shown), title
                rows, layers, _ = evaluate_recordings(spiking, steps, *how)
                accuracy = rows["correct"].mean()
                low, high = wilson_interval(accuracy, rows["symbol"].nunique())
                synops = SYNOPS_EVENTS * rows["synops"].sum() / max(1, rows["n_events"].sum())
                spikes = layers["spikes_out"].iloc[0] / len(rows)
                about = name, OURS, timing, step_ms, bits, of_set, len(rows)
                counted = accuracy, low, high, synops, spikes, "", seen
                ours.append((*about, *counted))
        parts.append(measured[measured["sha256"] == sha256_of(file)].assign(network=name))
    parts = [pd.DataFrame(ours, columns=columns), *parts]
    write_table(pd.concat(parts, ignore_index=True), table, "chip_check")
