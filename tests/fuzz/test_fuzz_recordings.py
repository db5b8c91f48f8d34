"""Bad recordings, of every format: read or refused, and what is read can be used."""

import io
import struct
import zipfile

import numpy as np
import pytest
from bounds import fuzz, refused
from damage import damaged, junk, npy, plain_npy, zipped
from hypothesis import given
from hypothesis import strategies as st

from dvs_snn.events.frames import accumulate
from dvs_snn.events.placement import Placement, place
from dvs_snn.events.recording import read_recording
from dvs_snn.events.steps import bin_steps
from dvs_snn.settings.frames import FrameRule
from dvs_snn.sources.tutorial import bin_steps_as_tutorial, place_as_tutorial

HEADER = b"#!AER-DAT2.0\r\n# made by a test\r\n"
N = 60


def _npz(compressed: bool, **arrays) -> bytes:
    stream = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(stream, **arrays)
    return stream.getvalue()


def _arrays() -> dict[str, np.ndarray]:
    index = np.arange(N)
    return {"t": index * 700, "x": index % 9, "y": index % 7, "p": index % 2 == 0}


SOUND = {
    ".npz": [
        _npz(False, **_arrays()),
        _npz(True, **_arrays(), sensor_size=np.array([9, 7])),
        _npz(True, t=np.arange(N) * 1e3, x=np.zeros(N, "u1"), y=np.ones(N, ">i2")),
    ],
    ".aedat": [
        HEADER + b"".join(struct.pack(">II", k % 97 << 8 | k % 2, 1000 * k) for k in range(N)),
        HEADER + struct.pack(">IIIIII", 1 << 20, 5, 258, 2**32 - 9, 514, 3),
    ],
    ".bin": [
        b"".join(bytes([k % 34, k % 31, 0x80 * (k % 2) + k // 4, k, 7]) for k in range(N)),
        bytes([1, 2, 128, 0, 9, 0, 240, 0, 0, 0, 3, 4, 127, 255, 255]),
    ],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("recordings")
    for suffix, contents in SOUND.items():
        for content in contents:
            (made / f"sound{suffix}").write_bytes(content)
            read_recording(made / f"sound{suffix}")
    return made


def use(path) -> None:
    """Read a recording and do with it what every job does."""
    recording = read_recording(path)
    placed = place(recording, Placement(0.5, 90, "xy"))
    assert bin_steps(placed, 10_000).n_steps <= 2**20
    assert all(
        f.pixels.shape == (1, 64, 64) for f in accumulate(placed, FrameRule("events", 9, 3, 25))
    )
    list(accumulate(placed, FrameRule("time", 9, 3, 25)))
    bin_steps_as_tutorial(place_as_tutorial(recording), 10_000)


def check(folder, kind: str, suffix: str, content: bytes) -> None:
    path = folder / f"bad{suffix}"
    path.write_bytes(content)
    refused(kind, use, path)


@pytest.mark.parametrize("suffix", list(SOUND))
@fuzz
@given(data=st.data())
def test_damaged_recordings(folder, suffix, data):
    check(folder, f"{suffix} damaged", suffix, data.draw(damaged(SOUND[suffix])))


@fuzz
@given(
    suffix=st.sampled_from(list(SOUND)),
    start=st.sampled_from([b"", HEADER, b"PK\x03\x04", b"#!AER-DAT2.0", b"#!AER-DAT3.1\r\n", b"#"]),
    content=st.binary(max_size=3000),
)
def test_any_bytes(folder, suffix, start, content):
    check(folder, "recording of any bytes", suffix, start + content)


@fuzz
@given(
    lines=st.lists(
        st.one_of(junk, st.text(max_size=60).map(lambda t: b"#" + t.encode("utf-8", "replace"))),
        max_size=8,
    ),
    end=st.sampled_from([b"\r\n", b"\n", b"\r", b""]),
    records=st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)), max_size=20),
)
def test_aedat_headers_and_any_records(folder, lines, end, records):
    body = b"".join(struct.pack(">II", *record) for record in records)
    check(
        folder,
        ".aedat of odd headers",
        ".aedat",
        b"#!AER-DAT2.0" + end + end.join(lines) + end + body,
    )


keys = st.sampled_from(["t", "x", "y", "p", "sensor_size"])


@fuzz
@given(
    lies=st.dictionaries(keys, npy(), min_size=1, max_size=3),
    method=st.sampled_from(
        [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
    ),
)
def test_npz_whose_headers_lie(folder, lies, method):
    sound = {key: plain_npy(value) for key, value in _arrays().items()}
    members = [(f"{key}.npy", content) for key, content in {**sound, **lies}.items()]
    check(folder, ".npz of lying headers", ".npz", zipped(members, method))


numbers = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-3, 70),
    st.sampled_from([2**63 - 1, 65535, 65536]),
)


@fuzz
@given(
    rows=st.lists(st.tuples(numbers, numbers, numbers, numbers), min_size=1, max_size=12),
    kind=st.sampled_from(["i8", "f8", "f4", "u8", "u1", "f2"]),
    size=st.one_of(st.none(), st.lists(numbers, max_size=3)),
)
def test_npz_of_odd_numbers(folder, rows, kind, size):
    with np.errstate(all="ignore"):
        columns = (
            np.array(rows, dtype=object).T.astype("f8").astype(kind)
            if kind != "i8"
            else np.array(rows).T
        )
    arrays = dict(zip("txyp", columns, strict=True))
    if size is not None:
        arrays["sensor_size"] = np.array(size, "i8")
    check(folder, ".npz of odd numbers", ".npz", _npz(True, **arrays))


@pytest.mark.parametrize("zeros", [2**20, 2**22, 2**24, 2**25, 2**28])
def test_npz_bombs(folder, zeros):
    members = []
    for key in "txyp":
        head = plain_npy(np.zeros(0, "u1")).replace(b"(0,), }", f"({zeros},), }}".encode())
        members.append((f"{key}.npy", head + bytes(zeros)))
    content = zipped(members[:1] * 4 if zeros > 2**25 else members, zipfile.ZIP_DEFLATED)
    check(folder, ".npz bombs", ".npz", content)
