"""Methods of training, one module each; the key `method` of a variant names one.

A module is a `GradientMethod` or a `DirectMethod` of :mod:`dvs_snn.training.method`. The workflow
reads `SETTINGS` of each, the section of its keys, made of those of
:mod:`dvs_snn.settings.method_settings`. So a module imports torch and numba only inside functions.
"""
