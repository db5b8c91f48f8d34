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
from dvs_snn.settings.study_settings import read_study

pytestmark = pytest.mark.long

PAGE = (ROOT / "docs" / "converting.md").read_text(encoding="utf-8")
EXAMPLES = {
    section.partition("\n")[0]: code
    for section in PAGE.split("\n### From ")[1:]
    for code in re.findall(r"```python\n(.*?)```", section, re.S)
}


# File -> the recording that it should hold.
Made = dict[str, EventRecording]


def by_tonic(monkeypatch: pytest.MonkeyPatch) -> Made:
    tonic = pytest.importorskip("tonic")
    made = {}
    for number, label in enumerate("37"):
        recording = a_walk(60, int(label), (34, 34))
        folder = Path("data/NMNIST/Test") / label
        folder.mkdir(parents=True)
        write_recording(folder / "00001.bin", recording)
        made[f"recordings/{label}/{number:05d}.npz"] = recording
    monkeypatch.setattr(tonic.datasets.NMNIST, "_check_exists", lambda self: True)
    return made


def text_of_metavision(_: pytest.MonkeyPatch) -> Made:
    rows = [(8842, 301, 204, True), (8850, 301, 205, False)]
    Path("a.csv").write_text("301,204,1,8842\n301,205,0,8850\n")
    return {"b.csv": from_rows(rows, (1280, 720))}


def by_dv_processing(_: pytest.MonkeyPatch) -> Made:
    pytest.importorskip("dv_processing")
    recording = a_walk()
    by_faery(Path("a.aedat4"), recording)
    return {"a.npz": recording}


def event_stream(_: pytest.MonkeyPatch) -> Made:
    recording = a_walk()
    by_faery(Path("a.es"), recording, zero_t0=False)
    return {"a.aedat4": recording}


def aedat3(_: pytest.MonkeyPatch) -> Made:
    """Packets of AEDAT 3.1, each with an event that isn't valid, and frames' packets."""
    late = a_walk(size=(128, 128)).events.copy()
    late["t"] += 2**31 * 3
    content = b"#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n"
    for events in np.array_split(late, 3):
        words = [(x << 17 | y << 2 | p << 1 | 1, t & 0x7FFFFFFF) for t, x, y, p in events.tolist()]
        words.append((0, 5))
        overflow, n = int(events["t"][0]) >> 31, len(words)
        content += struct.pack("<hhiiiiii", 1, 1, 8, 4, overflow, n, n, n - 1)
        content += b"".join(struct.pack("<Ii", *word) for word in words)
        content += struct.pack("<hhiiiiii", 3, 1, 36, 4, 0, 1, 1, 1) + bytes(36)
    Path("a.aedat").write_bytes(content)
    return {"a.npz": EventRecording(late, (128, 128))}


def aedat2_of_a_davis(_: pytest.MonkeyPatch) -> Made:
    recording = a_walk()
    words = [
        ((259 - y) << 22 | (345 - x) << 12 | p << 11, t) for t, x, y, p in recording.events.tolist()
    ]
    more = [(1 << 31 | 77, 5), (1 << 10, 6)]
    content = b"".join(struct.pack(">II", *word) for word in [*words, *more])
    Path("a.aedat").write_bytes(b"#!AER-DAT2.0\r\n# by a test\r\n" + content)
    return {"a.npz": recording}


# By the page's headings: what its example reads is written, and what it should make is returned.
CASES = {
    "tonic's data sets": by_tonic,
    "dv-processing": by_dv_processing,
    "Metavision's text": text_of_metavision,
    "Event Stream": event_stream,
    "AEDAT 3.1": aedat3,
    "AEDAT 2.0 of a DAVIS": aedat2_of_a_davis,
}


@pytest.mark.parametrize("heading", EXAMPLES)
def test_an_example_makes_recordings_that_the_study_reads(heading, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = CASES[heading](monkeypatch)
    exec(compile(EXAMPLES[heading], heading, "exec"), {})
    for name, recording in made.items():
        assert_same(read_recording(name), recording)


def test_the_example_of_the_settings_and_of_the_text_are_right(tmp_path):
    (settings,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    study = read_study({"study": "mine", **yaml.safe_load(settings)})
    assert study.data.time_unit == "s"
    assert study.evaluation.sets[0].time_unit == "ms"
    (text,) = re.findall(r"```text\n(.*?)```", PAGE, re.S)
    (tmp_path / "a.csv").write_text(text)
    assert_same(read_recording(tmp_path / "a.csv"), from_rows([(3811, 96, 133, False)], SIZE))
