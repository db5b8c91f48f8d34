"""Bad recordings, of every format: read or refused, and what is read can be used."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from bounds import fuzz, refused
from damage import damaged, junk, npy
from hypothesis import given
from hypothesis import strategies as st
from made_recordings import from_columns
from recording_bytes import HEADER, npy_bytes, npz_bytes, zip_bytes

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.archives.tutorial_archives import bin_steps_as_tutorial, place_as_tutorial
from dvs_snn.recordings.frames import accumulate
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.recordings.recording import SUFFIXES, read_recording, write_recording
from dvs_snn.recordings.steps import bin_steps
from dvs_snn.settings.frame_settings import FrameRule


def sound_file(folder: Path, suffix: str) -> Path:
    """Write 120 events at random over 0.1 s in a format."""
    rng = np.random.default_rng(1)
    t, x, y = rng.integers(1000, 101_000, 120), *rng.integers(0, 30, (2, 120))
    path = folder / f"sound{suffix}"
    write_recording(path, from_columns(t, x, y, rng.integers(0, 2, 120), (30, 30)))
    return path


def use(path: Path) -> None:
    """Read a recording and do with it what every job does."""
    recording = read_recording(path, time_unit="us")
    placed = place(recording, Placement(0.5, 90, "xy"))
    assert bin_steps(placed, 10_000).n_steps <= 2**20
    for rule in (FrameRule("events", 9, 3, 25), FrameRule("time", 9, 3, 25)):
        assert all(frame.pixels.shape == (1, 64, 64) for frame in accumulate(placed, rule))
    bin_steps_as_tutorial(place_as_tutorial(recording), 10_000)


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    """Check what becomes of a bad file of a format."""
    folder = tmp_path_factory.mktemp("bad")

    def check(suffix: str, content: bytes) -> None:
        (folder / f"bad{suffix}").write_bytes(content)
        refused(suffix, use, folder / f"bad{suffix}")

    return check


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_damaged_recordings(tmp_path, bad, suffix):
    path = sound_file(tmp_path, suffix)
    use(path)  # also loads what is needed, before memory is bounded
    sound = [path.read_bytes()]

    @fuzz
    @given(content=st.one_of(damaged(sound), damaged(sound), junk, junk.map(HEADER.__add__)))
    def check(content):
        bad(suffix, content)

    check()


@fuzz
@given(lies=st.dictionaries(st.sampled_from([*"txyp", "sensor_size"]), npy(), min_size=1))
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_npz_whose_headers_lie(tmp_path_factory, lies):
    """numpy asks for the memory that a header claims, and uses none before data come."""
    path = tmp_path_factory.getbasetemp() / "lies.npz"
    sound = {key: npy_bytes(np.arange(9)) for key in "txy"}
    path.write_bytes(zip_bytes(**{**sound, **lies}))
    with suppress(StudyError):
        use(path)


numbers = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-3, 70), st.just(65536))


@fuzz
@given(
    rows=st.lists(st.tuples(numbers, numbers, numbers, numbers), min_size=1, max_size=12),
    kind=st.sampled_from(["i8", "f8", "f4", "u8", "u1", "f2"]),
    size=st.one_of(st.none(), st.lists(numbers, max_size=3)),
)
def test_npz_of_odd_numbers(bad, rows, kind, size):
    with np.errstate(all="ignore"):
        arrays = dict(zip("txyp", np.array(rows, "i8").T.astype(kind), strict=True))
    if size is not None:
        arrays["sensor_size"] = np.array(size, "i8")
    bad(".npz", npz_bytes(**arrays))
