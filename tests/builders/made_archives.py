"""Archives as their makers lay them out, made here: the tutorial's, MNIST-DVS's and N-MNIST's."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from dvs_snn.recordings.recording import EVENT_DTYPE, EventRecording, write_recording

SYMBOLS = 15
# Three blocks of every digit, 50 frames dropped at each border: 479, 6 and 115 frames are left.
FRAMES_A_DIGIT = 700
TEST_FRAMES = 115
QUICK = {
    "seeds": [1],
    "sweep": {"scales": [1.0, 4.64]},
    "training": {"epochs": 4, "batch_size": 16},
    "verification": {"recordings": 4},
}
"""Settings with which a study of these recordings takes about a minute."""

A_EVENTS = 262_628


def _blob(digit: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw the places of events about a place that tells the digit."""
    n = 400
    angle = 2 * np.pi * digit / 10
    x = 32 + 20 * np.cos(angle) + rng.normal(0, 3, n)
    y = 32 + 20 * np.sin(angle) + rng.normal(0, 3, n)
    return np.clip(x, 0, 63).astype(int), np.clip(y, 0, 63).astype(int)


def write_train_zip(path: Path) -> None:
    """Write the tutorial's frames: `FRAMES_A_DIGIT` PNG files of each digit."""
    rng = np.random.default_rng(1)
    with zipfile.ZipFile(path, "w") as archive:
        for digit in range(10):
            for number in range(FRAMES_A_DIGIT):
                image = np.zeros((64, 64), np.uint8)
                x, y = _blob(digit, rng)
                np.add.at(image, (y, x), 20)
                png = io.BytesIO()
                Image.fromarray(image).save(png, "PNG", compress_level=1)
                # Without today's date: the same bytes each time.
                archive.writestr(zipfile.ZipInfo(f"train/{digit}/{number}.png"), png.getvalue())


def write_videos_zip(path: Path) -> None:
    """Write the tutorial's recordings A, B and C."""
    rng = np.random.default_rng(2)
    shapes = {
        "A": (A_EVENTS, 5_215_000, 64),
        "B": (20_000, 600_000, 64),
        "C": (9_000, 404_000, 128),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, (n_events, duration_us, side) in shapes.items():
            t = np.sort(rng.integers(0, duration_us + 1, n_events))
            t[[0, -1]] = 0, duration_us
            x, y = (np.resize(axis, n_events) * side // 64 for axis in _blob(3, rng))
            x[:2], y[:2] = (0, side - 1), (0, side - 1)
            npz = io.BytesIO()
            np.savez(npz, t=t + 1_000_000, x=x.astype(np.uint16), y=y.astype(np.uint16))
            archive.writestr(zipfile.ZipInfo(f"digits-{name}.npz"), npz.getvalue())


def digit_at_a_place(digit: int, side: int, rng: np.random.Generator) -> EventRecording:
    """Make 1,500 events in 0.1 s about a place that tells the digit."""
    events = np.zeros(1500, EVENT_DTYPE)
    events["t"] = np.sort(rng.integers(0, 100_000, len(events)))
    angle = 2 * np.pi * digit / 10
    for axis, centre in (("x", np.cos(angle)), ("y", np.sin(angle))):
        place = side / 2 + 0.3 * side * centre + rng.normal(0, side / 20, len(events))
        events[axis] = np.clip(place, 0, side - 1)
    return EventRecording(events, (side, side))


def mnist_dvs_zip(digit: int, folder: Path) -> bytes:
    """Make a small `grabbed_dataD.zip` with its true layout, junk of macOS included."""
    rng = np.random.default_rng(digit)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        # Members made so bear no date of today: the same bytes each time.
        archive.writestr(zipfile.ZipInfo(f"grabbed_data{digit}/"), b"")
        for scale in (4, 8, 16):
            for number in range(1, SYMBOLS + 1):
                name = f"mnist_{digit}_scale{scale:02d}_{number:04d}.aedat"
                write_recording(folder / name, digit_at_a_place(digit, 128, rng))
                member = zipfile.ZipInfo(f"grabbed_data{digit}/scale{scale}/{name}")
                archive.writestr(member, (folder / name).read_bytes(), zipfile.ZIP_DEFLATED)
        junk = zipfile.ZipInfo(f"__MACOSX/grabbed_data{digit}/scale16/._mnist_0.aedat")
        archive.writestr(junk, b"junk")
    return content.getvalue()


def write_nmnist(root: Path, per_digit: int, digits: Iterable[int] = range(10)) -> list[Path]:
    """Write recordings as N-MNIST's folders `Train` and `Test` hold them; return their paths."""
    rng = np.random.default_rng(len(root.name))
    written = []
    for digit in digits:
        (root / str(digit)).mkdir(parents=True)
        for k in range(per_digit):
            written.append(root / str(digit) / f"{k * 10 + digit + 1:05d}.bin")
            write_recording(written[-1], digit_at_a_place(digit, 34, rng))
    return written


def nmnist_zip(part: str, per_digit: int, folder: Path) -> bytes:
    """Make a small `Train.zip` or `Test.zip`; `folder` takes its members meanwhile."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in write_nmnist(folder / part, per_digit):
            archive.write(path, path.relative_to(folder))
    return content.getvalue()


def twins_zip(counts: Sequence[int]) -> bytes:
    """Make a small `Train.zip` with N-MNIST's recordings 1 to 1000, and one beyond.

    Args:
        counts: recordings of each digit among the first thousand.
    """
    digits = [digit for digit, n in enumerate(counts) for _ in range(n)]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number, digit in enumerate([*digits, 0], start=1):
            # Three events of five bytes: x, y, and polarity with the time in microseconds.
            events = bytes([10, 12, 128, 0, 5, 11, 12, 0, 0, 9, 12, 12, 128, 1, number % 256])
            archive.writestr(f"Train/{digit}/{number:05d}.bin", events)
    return content.getvalue()
