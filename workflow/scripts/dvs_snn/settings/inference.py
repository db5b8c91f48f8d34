"""How recordings are fed to the spiking network: the section `inference`."""

from typing import Literal

from dvs_snn.settings.base import Count, Number, Text, key, section

Timing = Literal["events", "steps"]


@section
class InferenceSettings:
    """How recordings are fed to the spiking network."""

    step_ms: Number = key("length of a time step", 10.0, "ms", ge=0.001, le=1000)
    batch_size: Count = key("recordings at once; results don't depend on it", 10, "recordings")
    compute_threads: Count = key("threads of one job; jobs run side by side", 1)
    timing: Timing = key(
        "events: each event runs through all layers before the next; steps: all of a step at once",
        "events",
    )
    engine: Text = key("own visits spikes alone and is fast; sinabs computes all", "own")

    @property
    def step_us(self) -> int:
        """Length of a time step in microseconds."""
        return round(self.step_ms * 1000)
