"""How events become frames: the section `frames`."""

from typing import Literal

from dvs_snn.settings.base import Count, Positive, key, section


@section
class FrameRule:
    """How events are accumulated into frames."""

    by: Literal["events", "time"] = key("a frame holds a number of events, or a time", "events")
    events: Count = key("events of a frame", 3000, "events")
    min_events: Count = key("least events of a recording's last of frames", 1000, "events")
    window_ms: Positive = key("time of a frame", 50.0, "ms")

    @property
    def name(self) -> str:
        """How tables name frames of this rule: ``3000 events`` or ``50 ms``."""
        return f"{self.events} events" if self.by == "events" else f"{self.window_ms:g} ms"


RIVALS = (
    FrameRule("events", 500, 167),
    FrameRule("events", 1000, 334),
    FrameRule("events", 1500, 500),
    FrameRule("events", 3000, 1000),
    FrameRule("time"),
)
"""Frames among which validation picks those of the CNN, beside the study's own."""
