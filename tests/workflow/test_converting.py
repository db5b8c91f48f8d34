"""docs/converting.md: its examples run, and make recordings that the study reads."""

import re
import struct
from pathlib import Path

import numpy as np
import pytest
import yaml
from foreign_files import SIZE, a_walk, by_faery
from made_recordings import assert_same, from_rows
from running import ROOT

from dvs_snn.recordings.recording import EventRecording, read_recording, write_recording
from dvs_snn.settings.study import read_study

pytestmark = pytest.mark.long

PAGE = (ROOT / "docs" / "converting.md").read_text(encoding="utf-8")
EXAMPLES = {
    section.partition("\n")[0]: code
    for section in PAGE.split("\n### From ")[1:]
    for code in re.findall(r"```python\n(.*?)```", section, re.S)
}


def run(heading: str) -> None:
    """Run the example below a heading in the working folder."""
    exec(compile(EXAMPLES[heading], heading, "exec"), {})


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_every_example_is_run_here():
    here = Path(__file__).read_text(encoding="utf-8")
    assert len(EXAMPLES) == 6
    assert PAGE.count("```python") == len(EXAMPLES)
    assert [heading for heading in EXAMPLES if f'run("{heading}")' not in here] == []


def test_tonic(monkeypatch):
    tonic = pytest.importorskip("tonic")
    made = {}
    for label in "37":
        made[label] = a_walk(60, int(label), (34, 34))
        folder = Path("data/NMNIST/Test") / label
        folder.mkdir(parents=True)
        write_recording(folder / "00001.bin", made[label])
    monkeypatch.setattr(tonic.datasets.NMNIST, "_check_exists", lambda self: True)
    run("tonic's data sets")
    assert_same(read_recording("recordings/3/00000.npz"), made["3"])
    assert_same(read_recording("recordings/7/00001.npz"), made["7"])


def test_dv_processing():
    pytest.importorskip("dv_processing")
    recording = a_walk()
    by_faery(Path("a.aedat4"), recording)
    run("dv-processing")
    assert_same(read_recording("a.npz"), recording)


def test_text_of_metavision():
    rows = [(8842, 301, 204, True), (8850, 301, 205, False)]
    Path("a.csv").write_text("301,204,1,8842\n301,205,0,8850\n")
    run("Metavision's text")
    assert_same(read_recording("b.csv"), from_rows(rows, (1280, 720)))


def test_event_stream():
    faery = pytest.importorskip("faery")
    recording = a_walk()
    events = np.empty(recording.n_events, faery.EVENTS_DTYPE)
    for name, column in zip(events.dtype.names, "txyp", strict=True):
        events[name] = recording.events[column]
    faery.file_encoder.events_to_file([events], "a.es", SIZE, zero_t0=False)
    run("Event Stream")
    assert_same(read_recording("a.aedat4"), recording)


def aedat3(recording: EventRecording, n_packets: int) -> bytes:
    """A recording in packets of AEDAT 3.1, with an event that isn't valid and a frame's packet."""
    found = b"#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n"
    for events in np.array_split(recording.events, n_packets):
        words = [(x << 17 | y << 2 | p << 1 | 1, t & 0x7FFFFFFF) for t, x, y, p in events.tolist()]
        words.append((0, 5))
        overflow, n = int(events["t"][0]) >> 31, len(words)
        found += struct.pack("<hhiiiiii", 1, 1, 8, 4, overflow, n, n, n - 1)
        found += b"".join(struct.pack("<Ii", *word) for word in words)
        found += struct.pack("<hhiiiiii", 3, 1, 36, 4, 0, 1, 1, 1) + bytes(36)
    return found


def test_aedat3():
    recording = a_walk(size=(128, 128))
    late = recording.events.copy()
    late["t"] += 2**31 * 3
    recording = EventRecording(late, (128, 128))
    Path("a.aedat").write_bytes(aedat3(recording, 3))
    run("AEDAT 3.1")
    assert_same(read_recording("a.npz"), recording)


def test_aedat2_of_a_davis():
    recording = a_walk()
    words = [
        ((259 - y) << 22 | (345 - x) << 12 | p << 11, t) for t, x, y, p in recording.events.tolist()
    ]
    more = [(1 << 31 | 77, 5), (1 << 10, 6)]
    content = b"".join(struct.pack(">II", *word) for word in [*words, *more])
    Path("a.aedat").write_bytes(b"#!AER-DAT2.0\r\n# by a test\r\n" + content)
    run("AEDAT 2.0 of a DAVIS")
    assert_same(read_recording("a.npz"), recording)


def test_the_example_of_the_settings_and_of_the_text_are_right(tmp_path):
    (settings,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    study = read_study({"study": "mine", **yaml.safe_load(settings)})
    assert study.data.time_unit == "s"
    assert study.evaluation.sets[0].time_unit == "ms"
    (text,) = re.findall(r"```text\n(.*?)```", PAGE, re.S)
    (tmp_path / "a.csv").write_text(text)
    assert_same(read_recording("a.csv"), from_rows([(3811, 96, 133, False)], SIZE))
