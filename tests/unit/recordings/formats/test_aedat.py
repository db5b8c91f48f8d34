"""Recordings as AEDAT 2.0: bytes worked out by hand, faults, real files."""

import pytest
from made_recordings import from_rows, rows_of
from real_files import REAL, needs_real_files
from recording_bytes import HEADER, address, aedat, fault, npz_with

from dvs_snn.recordings.formats.aedat import read, write
from dvs_snn.recordings.recording import read_recording


def test_aedat_bytes_by_hand(put):
    # x = 45, y = 67: 67 << 8 = 0x4300, 45 << 1 = 0x5A; the low bit set means OFF.
    path = put("a.aedat", HEADER + bytes.fromhex("0000435B 00000102 0000435A 00010000"))
    recording = read(path)
    assert rows_of(recording) == [(0x102, 45, 67, False), (0x10000, 45, 67, True)]
    assert recording.sensor_size == (128, 128)


def test_aedat_written_bytes_by_hand(tmp_path):
    write(tmp_path / "a.aedat", from_rows([(2**32 + 1, 45, 67, False), (2**32 + 2, 127, 0, True)]))
    content = (tmp_path / "a.aedat").read_bytes()
    assert content.startswith(b"#!AER-DAT2.0\r\n#")
    assert content.endswith(b"\r\n" + bytes.fromhex("0000435B 00000001 000000FE 00000002"))


def test_aedat_clock_wraps_and_a_straggler_stays_before_the_wrap(put):
    late, wrapped = 2**32 - 3, 2**32 + 4
    ticks = (late - 1, 4, late, 9)
    path = put("a.aedat", aedat(*((address(1, 1, True), tick) for tick in ticks)))
    recording = read(path)
    assert recording.events["t"].tolist() == [late - 1, late, wrapped, 2**32 + 9]
    # A jump of exactly half the clock is no wrap.
    half = put("b.aedat", aedat((address(1, 1, True), 2**31), (address(2, 2, True), 0)))
    assert read(half).events["t"].tolist() == [0, 2**31]


def test_aedat_special_records_are_dropped_but_tell_the_time(put):
    event = address(7, 8, True)
    special = [(event | 1 << bit, 2**32 - 1) for bit in (15, 29, 31)]
    path = put("a.aedat", aedat((event, 2**31 + 9), *special, (event, 3), (event, 4), (event, 5)))
    assert [row[0] for row in rows_of(read(path))] == [
        2**31 + 9, 2**32 + 3, 2**32 + 4, 2**32 + 5,
    ]  # fmt: skip


def test_aedat_special_record_that_begins_like_a_header_line(put):
    # 0x23 is '#', and the time of the event after it holds 0x0A, the end of a line.
    path = put(
        "a.aedat", aedat((0x23000000, 1), (address(7, 8, True), 10), (address(1, 2, True), 11))
    )
    assert rows_of(read(path)) == [(10, 7, 8, True), (11, 1, 2, True)]


@pytest.mark.parametrize(
    ("content", "needles"),
    [
        (aedat((1, 3)) + bytes(7), (f"byte {len(HEADER) + 8} has 7 bytes, expected 8", "cut off")),
        (HEADER, ("holds no events",)),
        (aedat((1 << 15, 3), (1 << 31, 3)), ("holds no events",)),
        (npz_with(), ("begins with 'PK", "expected the first line #!AER-DAT2.0")),
        (b"#!AER-DAT3.1\r\n", ("'#!AER-DAT3.1'", "docs/own_recordings.md")),
    ],
)
def test_fault_aedat(put, content, needles):
    fault(put("a.aedat", content), *needles)


def test_a_header_may_name_the_sensor_which_has_to_be_a_dvs128(put):
    header = HEADER + b"# AEChip: eu.seebetter.ini.chips.davis.DAVIS240C\r\n"
    path = put("a.aedat", aedat((1 << 22 | 1 << 11, 7), header=header))
    fault(path, "DAVIS240C", "expected a DVS128", "docs/own_recordings.md tells how to convert")
    header = HEADER + b"# AEChip: ch.unizh.ini.jaer.chip.retina.DVS128\r\n"
    path = put("b.aedat", aedat((address(7, 8, True), 3), header=header))
    assert rows_of(read(path)) == [(3, 7, 8, True)]


@needs_real_files
@pytest.mark.parametrize(
    ("name", "n_events", "duration_s", "on_share"),
    [
        ("mnist_0_scale04_0001.aedat", 15_744, 2.211, 0.50),
        ("mnist_0_scale16_0001_qt1.aedat", 11_209, 0.1966, 0.52),
    ],
)
def test_real_mnist_dvs(tmp_path, name, n_events, duration_s, on_share):
    path = REAL / "mnist-dvs" / "0" / name
    recording = read_recording(path)
    assert recording.n_events == n_events
    assert recording.duration_s == pytest.approx(duration_s, rel=5e-4)
    assert recording.on_share == pytest.approx(on_share, abs=5e-3)
    assert recording.sensor_size == (128, 128)
    write(tmp_path / name, recording)
    records = recording.n_events * 8
    assert (tmp_path / name).read_bytes()[-records:] == path.read_bytes()[-records:]
