"""Runs recordings through both inference engines and counts where their answers differ."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.engines.kinds import sinabs
from dvs_snn.engines.kinds.event.layout import lay_out
from dvs_snn.engines.response import Response, decide
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import schema
from dvs_snn.networks.conversion import Converted, load_converted
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.recordings.store.event_store import BinnedRecording
from dvs_snn.settings.inference import InferenceSettings


def _margin(response: Response) -> int:
    """Return the output spikes between the first and the second digit."""
    second, first = np.sort(response.spikes.sum(axis=0))[-2:]
    return int(first - second)


def compare_responses(
    recording: str, scale: float, event: Response, sinabs: Response
) -> dict[str, object]:
    """Return one row of `compare`: where two engines' responses to a recording differ."""
    pairs = zip(event.layers, sinabs.layers, strict=True)
    return {
        "recording": recording,
        "scale": scale,
        "layers": len(event.layers),
        "layers_differing": sum(a != b for a, b in pairs),
        "entries": event.spikes.size,
        "entries_differing": int((event.spikes != sinabs.spikes).sum()),
        "synops_event": event.synops,
        "synops_sinabs": sinabs.synops,
        "predicted_event": decide(event.spikes, 1.0).predicted,
        "predicted_sinabs": decide(sinabs.spikes, 1.0).predicted,
        "margin_spikes": max(_margin(event), _margin(sinabs)),
        "synops_differing": int(np.abs(event.step_synops - sinabs.step_synops).sum()),
    }


def compare(
    converted: Converted,
    scales: Sequence[float],
    recordings: Mapping[str, StepEvents],
    settings: InferenceSettings,
) -> pd.DataFrame:
    """Run recordings through both engines at every scale.

    Args:
        recordings: by name.

    Returns:
        One row per (scale, recording), of the table `verification` without its network; a silent
        network's prediction is missing.
    """
    rows = []
    steps, laid_out = list(recordings.values()), lay_out(converted)
    for scale in scales:
        ours = laid_out.scaled(scale).respond(steps, settings.compute_threads)
        reference = sinabs.run(converted, scale, steps, settings)
        rows += [
            compare_responses(name, scale, a, b)
            for name, a, b in zip(recordings, ours, reference, strict=True)
        ]
    predicted = dict.fromkeys(("predicted_event", "predicted_sinabs"), "Int64")
    return pd.DataFrame(rows, columns=list(schema("verification"))[2:]).astype(predicted)


def compare_networks(
    paths: Sequence[Path],
    names: Sequence[str],
    scales: Sequence[Sequence[float]],
    samples: Sequence[BinnedRecording],
    settings: InferenceSettings,
    progress: Progress,
) -> pd.DataFrame:
    """Compare both engines on the same recordings with several networks.

    Args:
        paths: networks as `convert` wrote them.
        names: ``<variant>~<seed>`` of each.
        scales: of each.

    Returns:
        The rows of `compare`, with `variant` and `seed`.
    """
    steps = {sample.recording: sample.steps for sample in samples}
    parts = []
    with progress.bar(len(paths), "network", "both engines") as bar:
        for path, name, own in zip(paths, names, scales, strict=True):
            variant, seed = name.rsplit("~", 1)
            found = compare(load_converted(path), own, steps, settings)
            parts.append(found.assign(variant=variant, seed=int(seed)))
            bar.advance(1)
    return pd.concat(parts, ignore_index=True)
