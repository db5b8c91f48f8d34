"""Methods of training, one module each; the key `method` of a variant names one.

Each module has `METHOD`, a `dvs_snn.settings.training.Method`, and one of two functions.

- `forward_of(model, layers, task, precision)` returns how the network computes in training, a
  `Forward`; it may put other activations into `model`. If these have weights of their own,
  `finish(model, task)` returns the plain CNN that is converted after the training.
- `make(model, material, task, progress)` takes no gradients: it returns the network made from
  `model`, the start's in evaluation mode, which may change.

The workflow reads `METHOD`, so a module imports torch and numba only inside functions.
"""
