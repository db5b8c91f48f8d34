"""Where recordings come from, and which of them train, validate and test."""

import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.events.framing import NETWORK_SIZE, Frame, Placement
from dvs_snn.events.recording import EventRecording, read_recording
from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.files.hashing import sha256_of
from dvs_snn.files.randomness import integer_seed
from dvs_snn.files.tables import read_csv
from dvs_snn.settings.data import SplitShares
from dvs_snn.sources.folder import list_folder

BORDER_FRAMES = 50
MAX_PNG_BYTES = 2**20


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

    symbols = sorted(labels)
    parts = dict.fromkeys(symbols, "train")
    wanted = [("validation", shares.validation)]
    if with_test:
        wanted.insert(0, ("test", shares.test))
    left = symbols
    for name, share in wanted:
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
                f"{share:g} with every digit in it ({error}); add recordings or change data.split."
            ) from error
        left = sorted(left)
        parts.update(dict.fromkeys(taken, name))
    return parts


def split_row(
    name: str,
    file: Path,
    symbol: str,
    label: int,
    split: str,
    recording: EventRecording,
    scene: str = "",
) -> dict[str, object]:
    """Return a recording's row of the split table; `scene` is empty unless it was simulated."""
    return {
        "recording": name,
        "file": str(file),
        "symbol": symbol,
        "label": label,
        "split": split,
        "scene": scene,
        "n_events": recording.n_events,
        "duration_s": round(recording.duration_s, 6),
        "on_share": round(recording.on_share, 6),
        "n_resorted": recording.n_resorted,
        "sha256": sha256_of(file),
    }


def split_folder(
    root: Path,
    test_root: Path | None,
    sensor_size: Sequence[int] | None,
    shares: SplitShares,
    seed: int,
) -> pd.DataFrame:
    """Read every recording of a folder once and return the split as a table, one row each.

    Raises:
        StudyError: a recording can't be read, or the folders can't be split.
    """
    files = [(file, file.name) for file in list_folder(root)]
    parts = split_symbols(
        {file.symbol: file.label for file, _ in files},
        shares,
        seed,
        with_test=test_root is None,
    )
    rows = [
        split_row(
            name,
            file.path,
            file.symbol,
            file.label,
            parts[file.symbol],
            read_recording(file.path, sensor_size),
        )
        for file, name in files
    ]
    if test_root is not None:
        rows += [
            split_row(
                f"test/{file.name}",
                file.path,
                f"test/{file.symbol}",
                file.label,
                "test",
                read_recording(file.path, sensor_size),
            )
            for file in list_folder(test_root)
        ]
    return pd.DataFrame(rows)


SPLIT_TYPES = {
    "recording": "str", "file": "str", "symbol": "str", "label": "int64", "split": "str",
    "scene": "str", "sha256": "str",
}  # fmt: skip


def read_split(path: Path) -> pd.DataFrame:
    """Read a split table.

    Raises:
        StudyError: it isn't whole.
    """
    # A recording may be called NA: only the share is ever empty.
    return read_csv(
        path, SPLIT_TYPES, dtype=SPLIT_TYPES, keep_default_na=False, na_values={"on_share": [""]}
    )


def join_splits(paths: Iterable[Path]) -> pd.DataFrame:
    """Return the rows of several split tables as one."""
    return pd.concat([read_split(path) for path in paths], ignore_index=True)


def open_recording(file: str, sha256: str, sensor_size: Sequence[int] | None) -> EventRecording:
    """Open a recording that a split lists.

    Raises:
        StudyError: the file is no longer the one that was listed.
    """
    found = sha256_of(Path(file))
    if found != sha256:
        raise StudyError(
            f"{file}: its sha256 is {found[:12]}…, expected {sha256[:12]}… as split.csv lists; the "
            "recording was altered or damaged since: put the old one back, or run again with "
            "--forcerun split (simulate_set for a simulated one)."
        )
    return read_recording(Path(file), sensor_size)


def find_symbol(split: pd.DataFrame, symbol: str) -> pd.Series:
    """Return the row of a test symbol: ``<digit>/<name>``, or ``<digit>/test-<k>`` for the k-th.

    Raises:
        StudyError: no such symbol, or one that trains or validates.
    """
    match = re.fullmatch(r"(\d)/test-(\d+)", symbol)
    if match:
        digit, k = int(match[1]), int(match[2])
        rows = split[(split["split"] == "test") & (split["label"] == digit)]
        rows = rows.drop_duplicates("symbol")
        if not 1 <= k <= len(rows):
            raise StudyError(
                f"symbol {symbol!r} of the recordings table: digit {digit} has {len(rows)} test "
                "symbols; choose a number from 1 to that."
            )
        return rows.iloc[k - 1]
    rows = split[split["symbol"].isin([symbol, f"test/{symbol}"])]
    if rows.empty:
        raise StudyError(
            f"symbol {symbol!r} of the recordings table is not in the study's data; expected one "
            "of split.csv, or <digit>/test-<k>."
        )
    if rows.iloc[0]["split"] != "test":
        raise StudyError(
            f"symbol {symbol!r} of the recordings table is in the {rows.iloc[0]['split']} part; "
            "recordings that are shown must be test symbols: see split.csv, or write "
            "<digit>/test-<k>."
        )
    return rows.iloc[0]


def block_split(n: int, shares: SplitShares, digit: int) -> list[tuple[str, range]]:
    """Split a digit's name-sorted frames into contiguous blocks, dropping 50 at each border.

    Nobody says which symbol the tutorial's PNG frames show; neighbours may show the same one.

    Raises:
        StudyError: too few frames to leave each block at least one.
    """
    n_test = round(n * shares.test)
    n_validation = round((n - n_test) * shares.validation)
    half = BORDER_FRAMES // 2
    first, second = n - n_test - n_validation, n - n_test
    blocks = [
        ("train", range(0, first - half)),
        ("validation", range(first + half, second - half)),
        ("test", range(second + half, n)),
    ]
    if not all(len(block) for _, block in blocks):
        raise StudyError(
            f"digit {digit} has {n} PNG frames, too few for three blocks with {BORDER_FRAMES} "
            "frames dropped at each border; expected several hundred, or other data.split shares."
        )
    return blocks


def _first_channel(path: str) -> np.ndarray:
    """Read a PNG frame: the first channel of its RGB reading, uint8 (height, width).

    Raises:
        ValueError: it is damaged or of another size, which its header tells before it is unpacked.
    """
    from PIL import Image

    try:
        with open(path, "rb") as file:
            # Of a file Pillow asks for as many bytes as a chunk says it has, of memory never.
            content = io.BytesIO(file.read(MAX_PNG_BYTES))
        with Image.open(content, formats=("PNG",)) as image:
            size = image.size
            if size == (NETWORK_SIZE, NETWORK_SIZE):
                return np.asarray(image.convert("RGB"))[:, :, 0]
    except Exception as error:  # Pillow raises nearly anything on damaged bytes
        raise ValueError(f"damaged ({reason_of(error)})") from error
    raise ValueError(f"{size[0]}x{size[1]} pixels")


def tutorial_frames(root: Path, shares: SplitShares) -> Iterable[tuple[Frame, str, int, str]]:
    """Yield (frame, name, label, split) of the tutorial's PNG frames, by ImageFolder's semantics.

    Classes are the sorted folder names, an image is the first channel of its RGB reading.

    Raises:
        StudyError: folders that aren't the ten digits, or an image that isn't 64x64.
    """
    from torchvision.datasets import ImageFolder

    try:
        dataset = ImageFolder(str(root), loader=_first_channel)
    except FileNotFoundError as error:
        raise StudyError(
            f"train.zip: has a folder without images ({error}), expected frames of each digit."
        ) from error
    if dataset.classes != [str(digit) for digit in range(10)]:
        raise StudyError(
            f"train.zip: its folders are {', '.join(dataset.classes)}, expected the digits 0 to 9."
        )
    by_digit: dict[int, list[int]] = {}
    for index, (_, label) in enumerate(dataset.samples):
        by_digit.setdefault(label, []).append(index)
    for digit, indices in by_digit.items():
        for split, block in block_split(len(indices), shares, digit):
            for place in block:
                path = dataset.samples[indices[place]][0]
                name = f"{digit}/{Path(path).name}"
                try:
                    image = dataset[indices[place]][0]
                except ValueError as error:
                    raise StudyError(
                        f"train.zip: frame {name!a} is {error}, expected a PNG image of "
                        f"{NETWORK_SIZE}x{NETWORK_SIZE} pixels."
                    ) from error
                frame = Frame(image[None].copy(), -1, -1, int(image.sum()), 0)
                yield frame, name, digit, split


def placement_of(settings: dict) -> Placement:
    """Return the placement of a config section or a row: its zoom, rotate and flip."""
    return Placement(float(settings["zoom"]), int(settings["rotate"]), str(settings["flip"]))
