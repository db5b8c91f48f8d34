"""The spiking neurons: the section `conversion`."""

from typing import Annotated

from pydantic import Field

from dvs_snn.settings.base import Number, Positive, key, section


@section
class NeuronParameters:
    """The integrate-and-fire neurons of every layer."""

    spike_threshold: Positive = key(
        "membrane potential at which a neuron fires; as much is subtracted when it does", 1.0
    )
    min_v_mem: Annotated[Number, Field(lt=0)] | None = key(
        "lower bound of the membrane potential, clipped once a step; null: none", -5.0
    )
    initial_v_mem: Annotated[Number, Field(ge=0, lt=1)] = key(
        "membrane potential at the start of a recording, a share of the threshold", 0.0
    )
