"""A control: the CNN trained on, as long as other methods and with their teacher.

It neither counts spikes nor pays for SynOps. What it gains over its start, longer training gains.
"""

from dvs_snn.settings.training import Method

METHOD = Method()


def forward_of(model, layers, task, precision):
    """Return the CNN's forward pass up to its potentials, as a teacher's."""
    from dvs_snn.training.forward import in_precision
    from dvs_snn.training.pooling import with_rectified_pooling

    # The last module is the final ReLU, as describe_layers checks.
    potentials = in_precision(with_rectified_pooling(model[:-1]), precision)
    return lambda batch: (potentials(batch.images), None)
