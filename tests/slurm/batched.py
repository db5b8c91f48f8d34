"""The smallest study in which every batch of the profiles has more than one job."""

from pathlib import Path

from faults.studies import Study, tiny_study


def batched_study(project: Path) -> Study:
    """Make a project with a study of three scales."""
    return tiny_study(project, sweep={"scales": [0.46, 1.0, 2.15]})
