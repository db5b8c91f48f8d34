"""Every random generator of the study, made by name from the one seed."""

import hashlib

import numpy as np


def seed_sequence(seed: int, *names: str | int) -> np.random.SeedSequence:
    """Return the child of `seed` that belongs to `names`, e.g. ``(seed, "split")``.

    The spawn key depends on the names, not on the order of calls. So code that draws something new
    never changes what other code draws.
    """
    key = tuple(
        int.from_bytes(hashlib.sha256(str(name).encode()).digest()[:4], "big") for name in names
    )
    return np.random.SeedSequence(seed, spawn_key=key)


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """Return the NumPy generator that belongs to `names`."""
    return np.random.default_rng(seed_sequence(seed, *names))


def integer_seed(seed: int, *names: str | int) -> int:
    """Return a 32-bit seed for libraries that want an integer (torch, scikit-learn)."""
    return int(seed_sequence(seed, *names).generate_state(1)[0])
