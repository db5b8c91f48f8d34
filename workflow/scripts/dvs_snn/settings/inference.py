"""How recordings are fed to the spiking network: the section `inference`."""

from typing import Annotated

from pydantic import Field

from dvs_snn.settings.base import Count, Device, Number, Positive, Text, key, section


@section
class InferenceSettings:
    """How recordings are fed to the spiking network."""

    step_ms: Annotated[Number, Field(ge=0.001)] = key("length of a time step", 10.0, "ms")
    window_ms: Positive = key("sliding window of the prediction", 200.0, "ms")
    batch_size: Count = key("recordings at once; results don't depend on it", 10, "recordings")
    compute_threads: Count = key("threads of one job; jobs run side by side", 1)
    engine: Text = key(
        "event visits only spikes and is many times faster; sinabs computes every neuron",
        "event",
    )
    device: Device = key("where the engine computes; event uses the processor only", "cpu")

    @property
    def step_us(self) -> int:
        """Length of a time step in microseconds."""
        return round(self.step_ms * 1000)
