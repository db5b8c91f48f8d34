"""Whether digits stand as those that trained the network: compares mean images of each digit."""

from collections.abc import Iterable, Mapping

import numpy as np

from dvs_snn.recordings.placement import NETWORK_SIZE, Placement
from dvs_snn.recordings.plausibility.finding import Finding
from dvs_snn.settings.data import Classes

ORIENTATIONS = tuple((flip, rotate) for rotate in (0, 90) for flip in ("none", "x", "y", "xy"))
"""All eight ways in which an image can lie, as `flip` and then `rotate` make them."""

SIDE, REACH = 32, 2.6
"""Side of the compared images in pixels, and half of it in the events' root mean square distances
from their centre."""

FEWEST_RECORDINGS, FEWEST_CLASSES = 10, 5
"""With fewer, a mean image is one person's hand, or the digits are alike when turned."""

MARGIN = 0.03
"""How much better another orientation has to correlate. Of 300 draws of ten real recordings of
N-MNIST none that lay rightly reached it."""

Images = Mapping[int, np.ndarray]
"""Label -> the mean image of its class, float64 (SIDE, SIDE)."""


def oriented(image: np.ndarray, flip: str, rotate: int) -> np.ndarray:
    """Return an image (row, column) flipped, then turned counter-clockwise as displayed."""
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

    weights = pixels / pixels.sum()
    at = np.arange(NETWORK_SIZE)
    row, column = weights.sum(axis=1) @ at, weights.sum(axis=0) @ at
    variance = weights.sum(axis=1) @ (at - row) ** 2 + weights.sum(axis=0) @ (at - column) ** 2
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


def correlations(images: Images, trained: Images) -> dict[tuple[str, int], float]:
    """Return, for each orientation, how well the digits agree: the mean of their correlations."""
    labels, means = sorted(images.keys() & trained.keys()), {}
    for way in ORIENTATIONS:
        pairs = [(oriented(images[n], *way).ravel(), trained[n].ravel()) for n in labels]
        means[way] = float(np.mean([np.corrcoef(*pair)[0, 1] for pair in pairs]))
    return means


def together(first: tuple[str, int], then: tuple[str, int]) -> tuple[str, int]:
    """Return the one orientation that does what two do, one after the other."""
    mark = np.arange(4).reshape(2, 2)
    wanted = oriented(oriented(mark, *first), *then)
    return next(way for way in ORIENTATIONS if np.array_equal(oriented(mark, *way), wanted))


def orientation(
    n_recordings: int, images: Images, trained: Images, placement: Placement, classes: Classes
) -> Finding | None:
    """Tell if the digits of `n_recordings` agree better with training's when flipped or turned."""
    n_classes = len(images.keys() & trained.keys())
    if n_recordings < FEWEST_RECORDINGS or n_classes < FEWEST_CLASSES:
        why = f"{n_recordings} recordings of {n_classes} {classes.words}, expected at least "
        why += f"{FEWEST_RECORDINGS} of {FEWEST_CLASSES}"
        why = why if trained else "no training to compare with"
        return Finding("orientation", "not checked", f"orientation not checked: {why}")
    agreement = correlations(images, trained)
    best, as_is = max(agreement, key=agreement.get), agreement[ORIENTATIONS[0]]
    if agreement[best] - as_is < MARGIN:
        return None
    flip, rotate = together((placement.flip, placement.rotate), best)
    sentence = (
        f"the {classes.thing}s lie otherwise than training's: their mean images correlate by "
        f"{agreement[best]:.2f} when flipped or turned, by {as_is:.2f} as they are"
    )
    settings = {"flip": flip, "rotate": rotate}
    remedy = {key: value for key, value in settings.items() if value != getattr(placement, key)}
    return Finding("orientation", "warning", sentence, remedy)
