"""A CNN with whole activations, which pays for its MACs at activations that aren't 0.

It is the rival of the spiking networks that pay for SynOps: `synop-loss` in a network without
spikes. It isn't converted, but read as a CNN at the scales of the key `cnn_scales`. The key
`synops` and those beside it mean MACs per 3,000 events here.
"""

from dvs_snn.settings.training_settings import Method

METHOD = Method(pays="must", is_mixed=False, is_converted=False)


def forward_of(model, layers, task, precision):
    """Return the forward pass of the CNN with whole activations."""
    from dvs_snn.training.whole_activations import whole_forward

    return whole_forward(model, layers, task)


def finish(model, task):
    """Return the CNN as it was trained."""
    return model
