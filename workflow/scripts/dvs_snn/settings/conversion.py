"""The spiking neurons: the section `conversion`."""

from dvs_snn.settings.base import Number, Positive, key, section


@section
class NeuronParameters:
    """The integrate-and-fire neurons of every layer."""

    spike_threshold: Positive = key("potential at which a neuron fires, and loses as much", 1.0)
    min_v_mem: Number | None = key("lower bound, clipped once a step; null: none", -5.0, lt=0)
    initial_v_mem: Number = key("potential at the start, a share of it", 0.0, ge=0, lt=1)
