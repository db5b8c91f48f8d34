"""The quantised CNN, which also pays for its synaptic operations above a limit.

Sorbaro et al. 2020 (Front. Neurosci. 14:662) train so, with a squared distance to a target of
SynOps. Here SynOps cost relu(log(SynOps / limit)) times a weight, both of the variant. The method
`quantised` tells how the network computes.
"""

from dvs_snn.settings.training import Method

METHOD = Method(pays="must")


def forward_of(*arguments):
    """Return the forward pass of spiking neurons."""
    from dvs_snn.training.spiking import spiking_forward

    return spiking_forward(*arguments)
