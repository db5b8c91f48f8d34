"""The split by symbol: assigns each symbol to training, validation or test."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import integer_seed
from dvs_snn.recordings.folders.folder import list_folder
from dvs_snn.recordings.folders.listing import Entry, list_recordings
from dvs_snn.settings.data import DIGITS, Classes, SplitShares


def split_symbols(
    labels: dict[str, int],
    shares: SplitShares,
    seed: int,
    with_test: bool = True,
    classes: Sequence[str] = DIGITS,
) -> dict[str, str]:
    """Split symbols, by their `labels`, into ``train``, ``validation`` and ``test`` by class.

    Without `with_test` there is no ``test``. A class with too few symbols raises a StudyError.
    """
    # Light jobs import this module too.
    from sklearn.model_selection import train_test_split

    left = sorted(labels)
    parts = dict.fromkeys(left, "train")
    for name in ["test", "validation"] if with_test else ["validation"]:
        share, classes_left = getattr(shares, name), [labels[symbol] for symbol in left]
        drawn = integer_seed(seed, "split", name)
        try:
            left, taken = train_test_split(
                left, test_size=share, stratify=classes_left, random_state=drawn
            )
        except ValueError as error:
            n_classes, called = len(set(labels.values())), Classes(classes)
            raise StudyError(
                f"{len(left)} symbols of {n_classes} {called.words} can't give a {name} part of "
                f"{share:g} with every {called.word} in it; add recordings, change data.split, or "
                "name the folder in evaluation.sets to test on it alone."
            ) from error
        left = sorted(left)
        parts.update(dict.fromkeys(taken, name))
    return parts


def split_folder(
    root: Path,
    test_root: Path | None,
    where: Mapping[str, Any],
    shares: SplitShares,
    seed: int,
    progress: Progress,
    classes: Sequence[str] = DIGITS,
) -> pd.DataFrame:
    """Read every recording of folders once, as `where` says, and return the split as a table."""
    files = list_folder(root, classes)
    labels = {file.symbol: file.label for file in files}
    parts = split_symbols(labels, shares, seed, test_root is None, classes)
    entries = [Entry(file, parts[file.symbol]) for file in files]
    if test_root is not None:
        entries += [Entry(file, "test", "test/") for file in list_folder(test_root, classes)]
    return list_recordings(entries, where, progress, "split")
