"""Do both inference engines say the same? Each recording through both, and the bounds to keep.

With weights whose sums are exact in float32 they agree in every entry. Others are added up in
another order, and a neuron that lies just at its threshold may fire a step sooner or later: how
often is counted here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.datasets.samples import BinnedRecording
from dvs_snn.events.steps import StepEvents
from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.inference.engines import sinabs
from dvs_snn.inference.engines.event import engine as event
from dvs_snn.inference.response import Response, decide
from dvs_snn.networks.conversion import Converted, load_converted
from dvs_snn.settings.inference import InferenceSettings

COLUMNS = (
    "recording", "scale", "layers", "layers_differing", "entries", "entries_differing",
    "synops_event", "synops_sinabs", "predicted_event", "predicted_sinabs", "margin_spikes",
)  # fmt: skip

ENTRIES_SHARE = 1e-3
"""Most output entries (step, digit) that may differ, as a share of all."""

SYNOPS_SHARE = 1e-4
"""Most SynOps that may differ, as a share of all."""

PREDICTIONS_SHARE = 1e-3
"""Most predictions that may differ, as a share of all; one always may, at a small margin."""

MARGIN_SPIKES = 2
"""A prediction whose first and second digit are further apart than this may not differ."""


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
    }


def _table(rows: list[dict[str, object]]) -> pd.DataFrame:
    predicted = ["predicted_event", "predicted_sinabs"]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict.fromkeys(predicted, "Int64"))


def compare(
    converted: Converted,
    scales: Sequence[float],
    recordings: Mapping[str, StepEvents],
    batch_size: int,
    threads: int = 1,
    device: str = "cpu",
) -> pd.DataFrame:
    """Run recordings through both engines at every scale.

    Args:
        recordings: by name.
        batch_size: recordings at once in sinabs.
        threads: recordings at once in the event engine.
        device: where sinabs computes.

    Returns:
        One row per (scale, recording), `COLUMNS`: layers, and those whose spikes or SynOps differ;
        entries of the output spikes (step, digit), and those that differ; SynOps and prediction
        (missing for a silent network) of each engine; and the spikes between the first and the
        second digit, the larger of both engines'.
    """
    rows = []
    steps = list(recordings.values())
    for scale in scales:
        ours = event.run(converted, scale, steps, batch_size, threads)
        reference = sinabs.run(converted, scale, steps, batch_size, threads, device)
        rows += [
            compare_responses(name, scale, a, b)
            for name, a, b in zip(recordings, ours, reference, strict=True)
        ]
    return _table(rows)


def spread_evenly(samples: Iterable[BinnedRecording], total: int, n: int) -> list[BinnedRecording]:
    """Return `n` of `total` samples, spread evenly over their order: over all digits."""
    places = set(np.linspace(0, total - 1, min(n, total)).astype(int).tolist())
    return [sample for place, sample in enumerate(samples) if place in places]


def compare_networks(
    paths: Sequence[Path],
    names: Sequence[str],
    scales: Sequence[float],
    samples: Sequence[BinnedRecording],
    settings: InferenceSettings,
    progress: Progress,
) -> pd.DataFrame:
    """Compare both engines on the same recordings with several networks.

    Args:
        paths: networks as `convert` wrote them.
        names: ``<variant>~<seed>`` of each.

    Returns:
        The rows of `compare`, with `variant` and `seed` in front.
    """
    steps = {sample.recording: sample.steps for sample in samples}
    parts = []
    with progress.bar(len(paths), "network", "both engines") as bar:
        for path, name in zip(paths, names, strict=True):
            variant, seed = name.rsplit("~", 1)
            found = compare(
                load_converted(path), scales, steps, settings.batch_size, settings.compute_threads,
                settings.device,
            )  # fmt: skip
            found.insert(0, "seed", int(seed))
            found.insert(0, "variant", variant)
            parts.append(found)
            bar.advance(1)
    return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True)
class Agreement:
    """How far both engines agree over a whole comparison.

    Attributes:
        entries_share, synops_share, predictions_share: what differs, as a share of all. SynOps
            differ by the sum of the rows' distances, so that a surplus here and a lack there
            don't cancel.
        n_predictions: predictions that differ.
    """

    entries_share: float
    synops_share: float
    predictions_share: float
    n_predictions: int


def _differs(comparison: pd.DataFrame) -> pd.Series:
    # A missing prediction, of a silent network, equals another missing one and nothing else.
    event, sinabs = (
        comparison[column].astype("Int64").fillna(-1)
        for column in ("predicted_event", "predicted_sinabs")
    )
    return (event != sinabs).astype(bool)


def agreement(comparison: pd.DataFrame) -> Agreement:
    """Sum up a comparison of at least one row."""
    differs = _differs(comparison)
    distance = (comparison["synops_event"] - comparison["synops_sinabs"]).abs().sum()
    return Agreement(
        entries_share=float(comparison["entries_differing"].sum() / comparison["entries"].sum()),
        synops_share=float(distance / max(1, comparison["synops_sinabs"].sum())),
        predictions_share=float(differs.mean()),
        n_predictions=int(differs.sum()),
    )


def check(comparison: pd.DataFrame) -> Agreement:
    """Sum up a comparison that keeps all bounds.

    Raises:
        StudyError: nothing was compared, a prediction differs at a margin over `MARGIN_SPIKES`, or
            a share is above its bound.
    """
    remedy = (
        "set inference.engine: sinabs, and report the network and the recording, for the engines "
        "should agree."
    )
    if not comparison["entries"].sum():
        raise StudyError(
            "verification: no output was compared, expected at least one recording and one scale; "
            "name one."
        )
    far = comparison[_differs(comparison) & (comparison["margin_spikes"] > MARGIN_SPIKES)]
    for row in far.itertuples():
        raise StudyError(
            f"verification: inference.engine event reads recording {row.recording} at scale "
            f"{row.scale:.2f} as {row.predicted_event}, sinabs as {row.predicted_sinabs}, with "
            f"{row.margin_spikes} spikes between the first and the second digit, expected the same "
            f"digit above {MARGIN_SPIKES}; {remedy}"
        )
    found = agreement(comparison)
    for what, share, bound in (
        ("output entries", found.entries_share, ENTRIES_SHARE),
        ("SynOps", found.synops_share, SYNOPS_SHARE),
    ):
        if share > bound:
            raise StudyError(
                f"verification: a share of {share:.2g} of the {what} differs between "
                f"inference.engine event and sinabs, expected at most {bound:g}; {remedy}"
            )
    if found.n_predictions > max(1, PREDICTIONS_SHARE * len(comparison)):
        raise StudyError(
            f"verification: {found.n_predictions} of {len(comparison)} predictions differ between "
            f"inference.engine event and sinabs, expected at most 1 in "
            f"{1 / PREDICTIONS_SHARE:.0f}; {remedy}"
        )
    return found
