"""The network and its spiking neurons."""

from dvs_snn.settings.base import Number, Positive, Text, key, section

NETWORKS = "dvs_snn.networks.kinds"
"""The package that holds the networks."""


@section
class Network:
    """The network."""

    name: Text = key("a module of networks/kinds/", "tutorial")


@section
class NeuronParameters:
    """The integrate-and-fire neurons of every layer."""

    spike_threshold: Positive = key("potential at which a neuron fires, and loses as much", 1.0)
    min_v_mem: Number | None = key("lower bound, at each event or step; null: none", -5.0, lt=0)
    initial_v_mem: Number = key("potential at the start, a share of it", 0.0, ge=0, lt=1)
