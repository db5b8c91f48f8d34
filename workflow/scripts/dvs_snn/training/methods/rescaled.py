"""The CNN alone, as the tutorial trains it; the sweep over scales follows after the training."""

from dvs_snn.settings.training_settings import Method

METHOD = Method(is_taught=False, may_learn_on_outputs=True)


def forward_of(model, layers, task, precision):
    """Return the CNN's forward pass, up to its outputs or its potentials (`training.loss_on`)."""
    from dvs_snn.networks.architectures import before_final_relu
    from dvs_snn.training.forward import in_precision
    from dvs_snn.training.pooling import with_rectified_pooling

    part = model if task.settings.learns_on_outputs else before_final_relu(model)
    potentials = in_precision(with_rectified_pooling(part), precision)
    return lambda batch: (potentials(batch.images), None)


def finish(model, task):
    """Return the CNN as it was trained."""
    return model
