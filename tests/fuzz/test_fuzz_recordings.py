"""Bad recordings, of every format: read or refused, and what is read can be used."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from bounds import MAX_BYTES, fuzz, refused
from damage import damaged, junk, npy
from foreign_files import WRITERS, a_walk, as_text, by_faery, by_h5py, columns
from hypothesis import given
from hypothesis import strategies as st
from recording_bytes import HEADER, npy_bytes, npz_bytes, zip_bytes

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.archives.tutorial_archives import bin_steps_as_tutorial, place_as_tutorial
from dvs_snn.recordings.frames import accumulate
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.recordings.recording import read_recording
from dvs_snn.recordings.steps import bin_steps
from dvs_snn.settings.frame_settings import FrameRule

N_BYTES = {".aedat4": 5 * 10**9}
"""faery asks for what a packet of AEDAT 4.0 claims, 4 GB at most, and aborts where it gets less."""


def sound_files(folder: Path, suffix: str) -> list[bytes]:
    """Make sound files of a format: as the study or its library writes it, and in other forms."""
    walk = a_walk(120, size=(30, 30))
    written = [folder / f"0{suffix}"]
    WRITERS[suffix](written[0], walk)
    if suffix == ".raw":
        written.append(by_faery(folder / "1.raw", walk, version="evt2"))
    if suffix == ".h5":
        grouped = {f"events/{name}": array for name, array in columns(walk).items()}
        more = {"ms_to_idx": [0], "t_offset": 9}
        written.append(by_h5py(folder / "1.h5", grouped | more, sensor_size=(30, 30)))
    contents = [path.read_bytes() for path in written]
    if suffix == ".txt":
        contents += [as_text(walk, "t[s],x,y,p", mark=","), as_text(walk, "# 30 30", unit=1)]
    return contents


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
        limit = N_BYTES.get(suffix, MAX_BYTES)
        refused(suffix, use, folder / f"bad{suffix}", n_bytes=limit)

    return check


@pytest.mark.parametrize("suffix", sorted({*WRITERS} - {".csv", ".hdf5"}))
def test_damaged_recordings(tmp_path, bad, suffix):
    sound = sound_files(tmp_path, suffix)
    for number, content in enumerate(sound):
        (tmp_path / f"{number}{suffix}").write_bytes(content)
        use(tmp_path / f"{number}{suffix}")  # also loads what is needed, before memory is bounded

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
