"""The spiking neurons: the section `conversion`."""

from typing import Annotated

from pydantic import Field

from dvs_snn.settings.base import Number, Positive, key, section


@section
class NeuronParameters:
    """The integrate-and-fire neurons of every layer."""

    spike_threshold: Positive = key("potential at which a neuron fires, and loses as much", 1.0)
    min_v_mem: Annotated[Number, Field(lt=0)] | None = key(
        "lower bound of the potential, clipped once a step; null: none", -5.0
    )
    initial_v_mem: Annotated[Number, Field(ge=0, lt=1)] = key(
        "potential at the start, a share of the threshold", 0.0
    )
