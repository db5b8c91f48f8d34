"""The names of the study's own sets of recordings."""

VALIDATION = "validation"
"""Chooses for any sensor: simulated recordings vary as in training."""

NOMINAL_VALIDATION = "validation-nominal"
"""Chooses for a known sensor: the same symbols before the nominal sensors."""

TEST = "test"
SACCADES_TEST = "saccades-test"
"""The test symbols in the scene of N-MNIST, the simulated twins."""

TEST_SET_OF = {"mnist-dvs": TEST, "saccades": SACCADES_TEST}
"""Scene -> the test set that shows it."""

REAL_TWINS = "real-twins"
"""The N-MNIST recordings that show the test symbols."""

FRAMES = "frames"
"""The tutorial's test frames, which belong to no recording."""

TRAINING = "training"
"""The training recordings in time steps: no set that is evaluated, but stored beside those."""

VALIDATION_SETS = (NOMINAL_VALIDATION, VALIDATION)
TEST_SETS = (TEST, SACCADES_TEST)
RESERVED = (*VALIDATION_SETS, *TEST_SETS, REAL_TWINS, FRAMES, TRAINING)
