"""The CNN alone, as the tutorial trains it; the sweep over scales follows after the training."""

from dvs_snn.settings.training_settings import Method

METHOD = Method(is_taught=False)


def forward_of(model, layers, task, precision):
    """Return the CNN's forward pass, up to its outputs or its potentials (`training.loss_on`)."""
    from dvs_snn.networks.architectures import before_final_relu
    from dvs_snn.training.forward import in_precision
    from dvs_snn.training.pooling import with_rectified_pooling

    # A teacher's outputs are potentials.
    is_whole = task.settings.loss_on == "outputs" and not task.settings.teacher_weight
    part = model if is_whole else before_final_relu(model)
    potentials = in_precision(with_rectified_pooling(part), precision)
    return lambda batch: (potentials(batch.images), None)


def finish(model, task):
    """Return the CNN as it was trained."""
    return model
