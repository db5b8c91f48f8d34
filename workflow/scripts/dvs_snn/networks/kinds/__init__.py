"""The networks, one module each, known by its name; the key `model.name` names one.

Each module has `build(n_classes)`, which returns an `nn.Sequential` with fresh weights.
"""
