"""Weights that a user gives in place of a training."""

from pathlib import Path

from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.job import Progress
from dvs_snn.networks.conversion import save_weights
from dvs_snn.networks.given_weights import read_given
from dvs_snn.training.curve import write_curve


def import_weights(
    variant: str,
    seed: int,
    given: Path,
    network: str,
    n_classes: int,
    weights: Path,
    curve: Path,
    progress: Progress,
) -> None:
    """Take a network's weights from the user's own file (rule import_weights).

    Raises:
        StudyError: the file doesn't hold the weights of this network.
    """
    model = read_given(given, network, n_classes)
    about = {"name": f"weights given for {variant}", "n_files": 1, "sha256": sha256_of(given)}
    save_weights(weights, network, model, given=about)
    write_curve(variant, seed, [], curve)
    progress.say(f"took the weights of {given}")
