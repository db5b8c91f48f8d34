"""What recordings show: frames, and whether digits stand as those that trained."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.files.arrays import picked_by_label
from dvs_snn.files.job import Progress
from dvs_snn.recordings.folders.split_table import open_recording
from dvs_snn.recordings.frames import Frame, accumulate, open_frames, read_index, split_rows
from dvs_snn.recordings.placement import NETWORK_SIZE, Placement, counts, place
from dvs_snn.recordings.plausibility.finding import Finding
from dvs_snn.recordings.plausibility.sensor_checks import pixel_counts
from dvs_snn.settings.data import Classes
from dvs_snn.settings.frame_settings import FrameRule

SHOWN = 3
"""Single frames that are shown."""

PER_DIGIT = 100
"""Most recordings or frames of a digit's mean image."""

MOST_FRAMES = 300
"""Frames of one recording that make its mean frame."""

Orientation = tuple[str, int]
"""A flip, and then a turn by so many degrees."""

ORIENTATIONS = tuple((flip, rotate) for rotate in (0, 90) for flip in ("none", "x", "y", "xy"))
"""All eight ways in which an image can lie."""

SIDE = 32
"""Side of the compared images in pixels."""

REACH = 2.6
"""Half of that side, in the events' root mean square distances from their centre."""

FEWEST_RECORDINGS = 10
FEWEST_CLASSES = 5
"""With fewer, a mean image is one person's hand, or the digits are alike when turned."""

BRIGHTEST = 99
"""Percentile of the pixels with events, above which a pixel's events don't count."""

MARGIN = 0.03
"""How much better another orientation has to correlate. Of 300 draws of ten real recordings of
N-MNIST none that lay rightly reached it."""

FAR = 0.1 * NETWORK_SIZE
"""How far a set's digits may lie from where training's lie, in network pixels. Those of 1,000 real
recordings of N-MNIST and 53 of MNIST-DVS lie within 2.5."""

Images = Mapping[int, np.ndarray]
"""Label -> the mean image of its class, float64 (SIDE, SIDE)."""

Centre = tuple[float, float]
"""Row and column of the network's pixels."""


@dataclass(frozen=True, eq=False)
class ShownFrames:
    """Frames: uint8 (frame, height, width) of events per pixel, and int64 (frame,) of digits."""

    pixels: np.ndarray
    labels: np.ndarray

    def like(self, others: "ShownFrames") -> "ShownFrames":
        """Return those of the digits that others show; all where no digit is shared."""
        same = np.isin(self.labels, others.labels)
        return ShownFrames(self.pixels[same], self.labels[same]) if same.any() else self

    def mean(self) -> np.ndarray:
        """Return the mean frame, float64 (height, width); zeros without any."""
        return self.pixels.sum(axis=0, dtype=np.float64) / max(len(self.pixels), 1)

    def some(self) -> list[int]:
        """Return the places of up to `SHOWN` frames, evenly spread over them in order of digit."""
        in_order = np.argsort(self.labels, kind="stable")
        return in_order[_middles(SHOWN, len(in_order))].tolist()


def _middles(n: int, count: int) -> np.ndarray:
    """Return up to `n` of the places 0 to `count` - 1, in the middles of as many equal parts."""
    middles = ((np.arange(n) + 0.5) * count / n).astype(int)
    return np.unique(middles[middles < count])


def gathered(recordings: Iterable[tuple[int, Sequence[Frame]]], most: int) -> ShownFrames:
    """Gather frames of recordings, (digit, its frames) each, up to `most` of one."""
    pixels = []
    labels = []
    for label, frames in recordings:
        for number in _middles(most, len(frames)):
            pixels.append(frames[number].pixels[0])
            labels.append(label)
    images = np.array(pixels, dtype=np.uint8).reshape(-1, NETWORK_SIZE, NETWORK_SIZE)
    return ShownFrames(images, np.array(labels, dtype=np.int64))


def trained_frames(frames: Path, index: Path) -> ShownFrames:
    """Return some of the frames that train, evenly spread over those of each digit."""
    table = read_index(index, ["label", "split"])
    labels = table["label"].to_numpy()
    rows = split_rows(table, "train")
    rows = rows[picked_by_label(labels[rows], PER_DIGIT)]
    return ShownFrames(np.asarray(open_frames(frames)[rows, 0]), labels[rows])


@dataclass(frozen=True, eq=False)
class Look:
    """What recordings hold: the mean image of each class, their centre, and some frames.

    Attributes:
        pixels: events of each sensor pixel that sent any, by `STRIDE`.
    """

    images: Images
    centre: Centre | None
    frames: ShownFrames
    pixels: pd.Series


def look_at(rows: pd.DataFrame, placement: Placement, rule: FrameRule, progress: Progress) -> Look:
    """Look at some recordings of each class; one altered since it was listed raises StudyError."""
    rows = rows.iloc[picked_by_label(rows["label"].to_numpy(), PER_DIGIT)]
    images = []
    frames = []
    pixels = pd.Series(dtype=np.int64)
    for row in progress.over(list(rows.itertuples()), "recording", "look at"):
        recording = open_recording(row)
        placed = place(recording, placement)
        images.append((row.label, counts(placed.row, placed.column)))
        frames.append((row.label, list(accumulate(placed, rule))))
        pixels = pixels.add(pixel_counts(recording), fill_value=0)
    shown = gathered(frames, max(MOST_FRAMES // len(rows), SHOWN))
    centre = centre_of(pixels_of for _, pixels_of in images)
    return Look(mean_images(images), centre, shown, pixels)


def centre_of(recordings: Iterable[np.ndarray]) -> Centre | None:
    """Return the median centre of recordings' events per pixel (height, width); None of a few."""
    at = np.arange(NETWORK_SIZE)
    centres = []
    for pixels in recordings:
        # Square roots, so that no hot pixel moves the centre.
        weights = np.sqrt(pixels, dtype=np.float64)
        if weights.any():
            row = weights.sum(axis=1) @ at / weights.sum()
            column = weights.sum(axis=0) @ at / weights.sum()
            centres.append((row, column))
    if len(centres) < FEWEST_RECORDINGS:
        return None
    row, column = np.median(centres, axis=0).tolist()
    return row, column


def shifted(
    centre: Centre | None, trained: Centre | None, zoom: float, classes: Classes
) -> Finding | None:
    """Tell if the digits lie far from where training's lie: then a part may be cut off."""
    if centre is None or trained is None:
        return None
    down, right = np.subtract(centre, trained)
    if max(abs(down), abs(right)) <= FAR:
        return None
    sides = {"right of": right, "left of": -right, "below": down, "above": -down}
    words = [f"{by / zoom:.0f} sensor pixels {side}" for side, by in sides.items() if by > FAR]
    sentence = (
        f"the {classes.thing}s lie {' and '.join(words)} training's, and what lay beyond the "
        "sensor's edge is lost: move the events back, or export the files again"
    )
    return Finding("centre", "warning", sentence)


def oriented(image: np.ndarray, way: Orientation) -> np.ndarray:
    """Return an image (row, column) flipped, then turned counter-clockwise as displayed."""
    flip, rotate = way
    if "x" in flip:
        image = image[:, ::-1]
    if "y" in flip:
        image = image[::-1]
    return np.rot90(image, rotate // 90)


def standardised(pixels: np.ndarray) -> np.ndarray:
    """Return a recording's events per pixel (height, width) about their centre, all of one size.

    The image is float64 (SIDE, SIDE), square roots, so that no bright pixel outweighs the others.
    """
    # Imported here: figures take pictures of this module when the workflow asks for their names.
    from scipy import ndimage

    # A hot pixel would draw the centre to itself: it counts no more than the digit's brightest.
    brightest = np.percentile(pixels[pixels > 0], BRIGHTEST)
    weights = np.minimum(pixels, brightest)
    weights /= weights.sum()
    of_rows = weights.sum(axis=1)
    of_columns = weights.sum(axis=0)
    at = np.arange(NETWORK_SIZE)
    row = of_rows @ at
    column = of_columns @ at
    variance = of_rows @ (at - row) ** 2 + of_columns @ (at - column) ** 2
    steps = (np.arange(SIDE) - (SIDE - 1) / 2) * (2 * REACH * np.sqrt(max(variance, 1.0)) / SIDE)
    places = np.meshgrid(row + steps, column + steps, indexing="ij")
    return np.sqrt(ndimage.map_coordinates(weights, places, order=1))


def mean_images(digits: Iterable[tuple[int, np.ndarray]]) -> Images:
    """Return the mean image of each digit from its recordings' events per pixel, if it has any."""
    images: dict[int, list[np.ndarray]] = {}
    for digit, pixels in digits:
        if pixels.any():
            images.setdefault(digit, []).append(standardised(pixels.astype(np.float64)))
    return {digit: np.mean(images[digit], axis=0) for digit in sorted(images)}


def correlations(images: Images, trained: Images) -> dict[Orientation, float]:
    """Return, for each orientation, how well the digits agree: the mean of their correlations."""
    labels = sorted(images.keys() & trained.keys())
    means = {}
    for way in ORIENTATIONS:
        of_labels = [
            np.corrcoef(oriented(images[label], way).ravel(), trained[label].ravel())[0, 1]
            for label in labels
        ]
        means[way] = float(np.mean(of_labels))
    return means


def together(first: Orientation, then: Orientation) -> Orientation:
    """Return the one orientation that does what two do, one after the other."""
    mark = np.arange(4).reshape(2, 2)
    wanted = oriented(oriented(mark, first), then)
    return next(way for way in ORIENTATIONS if np.array_equal(oriented(mark, way), wanted))


def orientation(
    n_recordings: int, images: Images, trained: Images, placement: Placement, classes: Classes
) -> Finding | None:
    """Tell if the digits of `n_recordings` agree better with training's when flipped or turned."""
    n_classes = len(images.keys() & trained.keys())
    if n_recordings < FEWEST_RECORDINGS or n_classes < FEWEST_CLASSES:
        sentence = (
            f"orientation not checked: {n_recordings} recordings, with {n_classes} {classes.words} "
            f"that trained, expected at least {FEWEST_RECORDINGS} with {FEWEST_CLASSES}"
        )
        return Finding("orientation", "not checked", sentence)
    agreement = correlations(images, trained)
    best = max(agreement, key=lambda way: agreement[way])
    as_is = agreement[ORIENTATIONS[0]]
    if agreement[best] - as_is < MARGIN:
        return None
    flip, rotate = together((placement.flip, placement.rotate), best)
    sentence = (
        f"the {classes.thing}s lie in another way than those of training: their mean images "
        f"correlate by {agreement[best]:.2f} when flipped or turned, by {as_is:.2f} as they are"
    )
    settings = {"flip": flip, "rotate": rotate}
    remedy = {key: value for key, value in settings.items() if value != getattr(placement, key)}
    return Finding("orientation", "warning", sentence, remedy)
