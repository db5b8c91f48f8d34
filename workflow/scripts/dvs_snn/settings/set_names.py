"""The names of the study's own sets of recordings."""

VALIDATION = "validation"
"""Chooses the operating points."""

TEST = "test"
SACCADES_TEST = "saccades-test"
"""The test symbols in the scene of N-MNIST, the simulated twins."""

TEST_SET_OF = {"mnist-dvs": TEST, "saccades": SACCADES_TEST}
"""Scene -> the test set that shows it."""

REAL_TWINS = "real-twins"
"""The N-MNIST recordings that show the test symbols."""

N_TWINS = 1000
"""N-MNIST's training recordings 1 to 1000 show the symbols that the study simulates."""

FRAMES = "frames"
"""The tutorial's test frames, which belong to no recording."""

TRAINING = "training"
"""The training recordings in time steps: no set that is evaluated, but stored beside those."""

TEST_SETS = (TEST, SACCADES_TEST)
RESERVED = (VALIDATION, *TEST_SETS, REAL_TWINS, FRAMES, TRAINING)


def half_of(symbol: str) -> str:
    """Return ``odd`` (for fitting) or ``even`` (held out), by the symbol's k."""
    return "odd" if int(symbol[2:]) % 2 else "even"
