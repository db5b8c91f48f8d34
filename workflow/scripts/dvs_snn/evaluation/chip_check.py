"""How far our count predicts a chip: guests on real recordings, beside what was published."""

from contextlib import suppress
from itertools import product
from pathlib import Path

import pandas as pd

from dvs_snn.engines.kinds.own.layout import lay_out
from dvs_snn.engines.kinds.own.network import EventNetwork
from dvs_snn.evaluation.of_set import on_input
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.errors import StudyError
from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import read_shipped, schema, write_table
from dvs_snn.networks.discretisation import WEIGHT_BITS, discretise
from dvs_snn.networks.spiking import load_spiking
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import BinnedRecording, open_store
from dvs_snn.settings.guests import GUEST_SCALE, Guest
from dvs_snn.settings.training import SYNOPS_EVENTS

RECORDINGS = 1000
"""Most recordings of a set that are run, evenly spread."""

STEPS_MS = (10.0, 1.0)
FLOAT_BITS = 32


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
        networks, given, names, guests: of each guest its stored form, its NIR file, its name and
            its settings.
        events, recorded, placements: of each of the `sets`.
        published: table of measurements, which names networks by the hash of their file.
    """
    measured = read_shipped(published, ["sha256", *schema("chip_check")])
    parts = []
    for name, path, file, guest in zip(names, networks, given, guests, strict=True):
        network = load_spiking(path)
        forms = {FLOAT_BITS: lay_out(network)}
        with suppress(StudyError):  # a chip can't add its pools up
            forms[WEIGHT_BITS] = lay_out(discretise(network, GUEST_SCALE))
        for of_set, *stored, scenes in zip(sets, events, recorded, placements, strict=True):
            laid = on_input(scenes, network.layers[0].input_shape, guest.placement)
            store = open_store(*stored, laid)
            shown, symbols = store.evenly(RECORDINGS), set(store.table["symbol"])
            seen = guest.seen_in(of_set, symbols)
            for (bits, form), step_ms in product(forms.items(), STEPS_MS):
                steps = [recording.in_steps(round(step_ms * 1000)) for recording in shown]
                row = _counted(form, steps, threads)
                row |= {"network": name, "platform": "ours", "timing": "steps", "bits": bits}
                row |= {"set": of_set, "step_ms": step_ms, "symbols_trained_on": seen}
                parts.append(pd.DataFrame([row]))
                progress.say(f"{name}, {of_set}, {bits} bits, {step_ms:g} ms: {row['accuracy']}")
        parts.append(measured[measured["sha256"] == sha256_of(file)].assign(network=name))
    rows = pd.concat(parts, ignore_index=True)
    write_table(rows.reindex(columns=list(schema("chip_check"))), table, "chip_check")


def _counted(
    network: EventNetwork, recordings: list[BinnedRecording], threads: int
) -> dict[str, object]:
    """Run recordings; return what the table says of them all."""
    answers = network.respond([recording.steps for recording in recordings], threads)
    right = synops = first = 0
    for recording, response in zip(recordings, answers, strict=True):
        right += response.predicted == recording.label
        synops += response.synops
        first += response.layers[0].spikes_out
    n, n_events = len(recordings), sum(len(each.steps.step) for each in recordings)
    low, high = wilson_interval(right / n, len({each.symbol for each in recordings}))
    return {
        "n": n,
        "accuracy": right / n,
        "accuracy_low": low,
        "accuracy_high": high,
        "synops_per_3000_events": SYNOPS_EVENTS * synops / max(1, n_events),
        "first_layer_spikes": first / n,
        "source": "",
    }
