"""The split by symbol: assigns each drawn digit to training, validation or test."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from dvs_snn.events.recording import read_recording
from dvs_snn.files.errors import StudyError
from dvs_snn.files.randomness import integer_seed
from dvs_snn.settings.data import SplitShares
from dvs_snn.sources.folder import SourceFile, list_folder
from dvs_snn.sources.split_table import split_row


def split_symbols(
    labels: dict[str, int], shares: SplitShares, seed: int, with_test: bool = True
) -> dict[str, str]:
    """Split symbols into ``train``, ``validation`` and ``test``, stratified by digit.

    Args:
        labels: digit of every symbol.
        with_test: False where a folder of its own holds the test recordings.

    Raises:
        StudyError: a digit has too few symbols to be in every part.
    """
    # Light jobs import this module too.
    from sklearn.model_selection import train_test_split

    left = sorted(labels)
    parts = dict.fromkeys(left, "train")
    for name in ["test", "validation"] if with_test else ["validation"]:
        share = getattr(shares, name)
        try:
            left, taken = train_test_split(
                left,
                test_size=share,
                stratify=[labels[symbol] for symbol in left],
                random_state=integer_seed(seed, "split", name),
            )
        except ValueError as error:
            n_digits = len(set(labels.values()))
            raise StudyError(
                f"{len(left)} symbols of {n_digits} digits can't give a {name} part of "
                f"{share:g} with every digit in it; add recordings, change data.split, or name the "
                "folder in evaluation.sets to test on it alone."
            ) from error
        left = sorted(left)
        parts.update(dict.fromkeys(taken, name))
    return parts


def split_folder(
    root: Path,
    test_root: Path | None,
    sensor_size: Sequence[int] | None,
    shares: SplitShares,
    seed: int,
    time_unit: str | None = None,
) -> pd.DataFrame:
    """Read every recording of a folder once and return the split as a table, one row each.

    Raises:
        StudyError: a recording can't be read, or the folders can't be split.
    """

    def row(file: SourceFile, part: str, prefix: str = "") -> dict[str, object]:
        name, symbol = prefix + file.name, prefix + file.symbol
        recording = read_recording(file.path, sensor_size, time_unit)
        return split_row(name, file.path, symbol, file.label, part, recording)

    files = list_folder(root)
    labels = {file.symbol: file.label for file in files}
    parts = split_symbols(labels, shares, seed, with_test=test_root is None)
    rows = [row(file, parts[file.symbol]) for file in files]
    if test_root is not None:
        rows += [row(file, "test", "test/") for file in list_folder(test_root)]
    return pd.DataFrame(rows)
