"""Methods of training, one module each; the key `method` of a variant names one.

Each module has `MIXED`, whether it may compute in bfloat16, and `forward_of`, which returns how the
network computes in training (`dvs_snn.training.forward`). One that changes the network for training
also has `finish`, which returns the CNN to be converted. A module of a method that takes no
gradients has `make` alone (`dvs_snn.training.forward.Making`).
"""
