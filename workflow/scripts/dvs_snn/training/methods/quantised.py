"""The CNN with quantised ReLUs, each of which counts as a spiking neuron does.

A quantised ReLU returns floor(relu(x) / threshold), the spikes of an integrate-and-fire neuron that
gets all its current in one step and has no lower bound. Its gradient is the ReLU's, unless
the key `surrogate` says otherwise. So training knows the rounding that conversion brings, but not
the time in which spikes arrive.
"""

from dvs_snn.settings.training import Method

METHOD = Method()


def forward_of(*arguments):
    """Return the forward pass of spiking neurons."""
    from dvs_snn.training.spiking import spiking_forward

    return spiking_forward(*arguments)
