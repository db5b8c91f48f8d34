"""Losses that training can minimise, one module each; the setting `training.loss` names one.

Each has `loss(outputs, target)`: the mean of a batch, of float32 (sample, class) outputs or
potentials, as `training.loss_on` says, and int64 (sample,) labels.
"""
