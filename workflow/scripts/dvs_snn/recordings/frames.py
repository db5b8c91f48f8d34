"""Frames, as the CNN sees a recording: events accumulated by number or by time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dvs_snn.recordings.placement import PlacedEvents, counts
from dvs_snn.settings.frames import FrameRule


@dataclass(frozen=True, eq=False)
class Frame:
    """One accumulated frame.

    Attributes:
        pixels: uint8 (1, height, width), events per pixel, saturated at 255.
        t_start_us, t_end_us: time of its first and last event.
        n_events: events accumulated, saturated or not.
        n_saturated: pixels that held more than 255 events.
    """

    pixels: np.ndarray
    t_start_us: int
    t_end_us: int
    n_events: int
    n_saturated: int


def accumulate(placed: PlacedEvents, rule: FrameRule) -> Iterator[Frame]:
    """Yield the frames of a recording by `rule`.

    By events: the tail is a frame if it holds the least events or is the recording's only one.
    By time: windows begin with the recording; empty ones are skipped, the last partial one is kept.
    """
    n = placed.n_events
    if rule.by == "events":
        fewest = min(rule.events, rule.min_events)
        starts = [at for at in range(0, n, rule.events) if at == 0 or n - at >= fewest]
        stops = [min(at + rule.events, n) for at in starts]
    else:
        window = (placed.t - placed.t_first) // round(rule.window_ms * 1000)
        starts = np.flatnonzero(np.diff(window, prepend=window[:1] - 1)).tolist()
        stops = [*starts[1:], n][: len(starts)]
    for start, stop in zip(starts, stops, strict=True):
        count = counts(placed.row[start:stop], placed.column[start:stop])
        pixels = np.minimum(count, 255).astype(np.uint8)[None]
        first, last = int(placed.t[start]), int(placed.t[stop - 1])
        yield Frame(pixels, first, last, stop - start, n_saturated=int((count > 255).sum()))


def training_rule(
    rule: FrameRule, limits: Sequence[int] | None, rng: np.random.Generator
) -> FrameRule:
    """Return the rule for the frames of one training recording; it draws their number of events.

    A spiking network sees a few time steps at once. They hold fewer events than a frame of the
    study. During a quick movement they show only the edges that lie across it.

    Args:
        rule: the study's; returned unchanged where frames hold a span of time.
        limits: smallest and largest number of events, drawn evenly on a logarithmic axis; None
            for the study's own.
    """
    if limits is None or rule.by != "events":
        return rule
    low, high = limits
    events = round(low * (high / low) ** rng.random())
    return replace(rule, events=events, min_events=min(rule.min_events, events))
