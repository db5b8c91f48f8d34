"""The page on recordings: every format, folders, damaged files, and the command itself."""

import html
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from foreign_files import WRITERS
from jobs import quiet
from made_recordings import of_digit
from previewed_study import write_frames, write_network
from real_files import REAL, needs_real_files

from dvs_snn.events.recording import EventRecording, write_recording
from dvs_snn.files.errors import StudyError
from dvs_snn.report.preview.page import write_preview
from dvs_snn.settings.study import as_dict, merged, read_study

ROOT = Path(__file__).parents[4]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
SETTINGS = as_dict(read_study(CONFIG))
SIZES = {".bin": (34, 34), ".aedat": (128, 128)}


def made(suffix: str) -> EventRecording:
    """Make 2,000 events in some rows, the last in the sensor's corner."""
    width, height = SIZES.get(suffix, (64, 64))
    recording = of_digit(3, 2000, 1, width, (width, height))
    recording.events["x"][-1], recording.events["y"][-1] = width - 1, height - 1
    return recording


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> Path:
    """Results of a study whose network can be asked."""
    results = tmp_path_factory.mktemp("results") / "simulated"
    write_frames(results)
    write_network(results)
    return results


@pytest.fixture(scope="module")
def with_frames(tmp_path_factory) -> Path:
    """Results of a study that has frames, but no network yet."""
    results = tmp_path_factory.mktemp("results") / "simulated"
    write_frames(results)
    return results


def preview(path: Path, results: Path, settings=SETTINGS) -> str:
    """Write a page, check what holds for all, and return its text without tags."""
    output = path.parent / "page.html"
    write_preview(path, settings, results, output, quiet())
    page = output.read_text(encoding="utf-8")
    output.unlink()
    assert len(page) < 1_000_000
    assert "default-src 'none'" in html.unescape(page)
    assert "<script" not in page
    # Nothing is fetched: what the page names lies in it.
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', page)
    for image in re.findall(r"<img[^>]*>", page):
        assert re.search(r'alt="[^"]{40,}"', image)
    page = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    return re.sub(r"[\s\u00a0]+", " ", html.unescape(page))


def with_set(folder: Path) -> dict:
    """The settings of a study that has a folder as a set."""
    sets = [{"name": "m", "folder": str(folder)}]
    return as_dict(read_study(merged(CONFIG, {"evaluation": {"sets": sets}})))


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_recording_of_every_format(suffix, ran, tmp_path):
    recording, path = made(suffix), tmp_path / f"a{suffix}"
    WRITERS[suffix](path, recording)
    page = preview(path, ran)
    width, height = recording.sensor_size
    assert f"{width} × {height} pixels, as the files or their formats state it" in page
    assert "events 2,000 events per second" in page
    assert f"{100 * recording.on_share:.1f} % {100 - 100 * recording.on_share:.1f} % OFF" in page
    assert "not known, as no folder is called 0 to 9" in page
    assert "scale 2.00 (the scale that validation chose for the method rescaled)" in page
    # Eight orientations of one recording.
    assert len(re.findall(r"flip: \w+, rotate: \d+", page)) == 8
    assert "Orientation not checked" in page
    assert "Hot pixels: none." in page


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_damaged_file_is_one_sentence(suffix, with_frames, tmp_path):
    path = tmp_path / f"a{suffix}"
    WRITERS[suffix](path, made(suffix))
    for damaged in (b"", b"\x00" * 64, b"no recording\n" * 40):
        path.write_bytes(damaged)
        with pytest.raises(StudyError) as raised:
            preview(path, with_frames)
        assert str(raised.value).startswith(str(path))
        assert len(str(raised.value).splitlines()) == 1
        assert sorted(one.name for one in tmp_path.iterdir()) == [path.name]


def write_folder(root: Path, per_digit: int = 2) -> Path:
    for digit in range(10):
        (root / str(digit)).mkdir(parents=True)
        for seed in range(per_digit):
            write_recording(root / f"{digit}/{seed}.npz", of_digit(digit, 900, seed))
    return root


def test_a_folder_with_labels(ran, tmp_path):
    page = preview(write_folder(tmp_path / "mine"), ran)
    assert "Nothing has to be changed." in page
    assert "Digits 0, 1, 2, 3, 4, 5, 6, 7, 8 and 9" in page
    assert "of 20 recordings right as they lie" in page
    assert "read right mean lead (spikes) silent" in page
    assert "beside the study's simulated training frames of the digits 0, 1, 2" in page


def test_other_classes_are_named_and_need_frames_to_compare_with(tmp_path):
    folder = write_folder(tmp_path / "mine")
    for digit, name in enumerate(("car", "tree")):
        (folder / str(digit)).rename(folder / name)
    data = {"source": "folder", "folder": str(folder), "classes": ["car", "tree"]}
    settings = as_dict(read_study(merged(CONFIG, {"data": data})))
    page = preview(folder, tmp_path / "results", settings)
    assert "Classes car and tree" in page
    assert "The study has no training frames yet to compare with." in page
    assert "digit" not in page
    page = preview(folder / "tree/0.npz", tmp_path / "results", settings)
    assert "Classes tree" in page


def test_faults_and_findings_are_told_with_settings_to_paste(with_frames, tmp_path):
    folder = write_folder(tmp_path / "mine")
    for path in folder.glob("*/*.npz"):
        with np.load(path) as arrays:
            np.savez(path, **{**arrays, "x": arrays["x"] * 4, "sensor_size": [256, 64]})
    (folder / "0/0.npz").write_bytes(b"PK")
    page = preview(folder, with_frames, with_set(folder))
    assert "0/0.npz" in page
    assert "1 more can't be used" in page
    assert "% of the events of the 256x64 sensor fall outside" in page
    assert "To paste under evaluation.sets.0 : zoom: 0.25" in page
    assert "zoom 1, rotate 0, flip none, as the settings of evaluation.sets.0 say" in page
    assert "The study simulated has no trained network here." in page


def test_a_folder_of_files_without_labels(ran, tmp_path):
    folder = tmp_path / "takes"
    folder.mkdir()
    for seed in range(3):
        write_recording(folder / f"take {seed}.npz", of_digit(seed, 900, seed))
    page = preview(folder, ran)
    assert "not known, as no folder is called 0 to 9" in page
    assert "No label says what is right" in page
    assert "Lacks the digits" not in page
    # A folder that is called as a digit tells it.
    assert "Digits 7" in preview(folder.rename(tmp_path / "7"), ran)


def test_names_are_escaped(with_frames, tmp_path):
    folder = tmp_path / "<script>alert(1)</script> & \"q\" 'x'"
    folder = Path(str(folder).replace("/script", "\u2215script"))
    write_folder(folder, 1)
    (folder / "0/0.npz").rename(folder / "0/<img src=x onerror=alert(1)>.npz")
    (folder / "1/<b>.npz").write_bytes(b"PK")
    output = tmp_path / "page.html"
    write_preview(folder, SETTINGS, with_frames, output, quiet())
    page = output.read_text(encoding="utf-8")
    for raw in ("<script", "<img src=x", "<b>.npz"):
        assert raw not in page
    for escaped in ("&lt;script&gt;alert(1)", "0/&lt;img src=x onerror", "1/&lt;b&gt;.npz"):
        assert escaped in page


def test_no_event_on_the_network_and_one_moment(ran, tmp_path):
    path = tmp_path / "mine/a.npz"
    path.parent.mkdir()
    np.savez(path, t=[5, 5], x=[0, 1], y=[0, 0], sensor_size=[1000, 1000])
    page = preview(path, ran, with_set(path.parent))
    assert "No event falls on the network" in page
    assert "Flicker: too short to tell" in page
    assert "the files tell no polarity" in page
    assert "It stays silent." in page


def test_a_recording_too_long_for_the_network_is_told(ran, tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, t=[0, 20_000 * 10**6], x=[0, 1], y=[0, 0], sensor_size=[64, 64])
    page = preview(path, ran)
    assert "It can't read them: a recording of 20000.0000 s" in page


def run_preview(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "workflow/preview.py", *arguments]
    return subprocess.run(
        [*map(str, command)], cwd=folder, capture_output=True, text=True, timeout=600
    )


def test_the_command_reads_settings_and_tells_by_its_status(tmp_path):
    write_frames(tmp_path / "results/own")
    write_network(tmp_path / "results/own")
    (tmp_path / "mine.yaml").write_text("study: own\n")
    write_folder(tmp_path / "mine", 1)
    done = run_preview(tmp_path, "mine", "--configfile", "mine.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "preview.html: nothing to change\n"
    (tmp_path / "mine/0/1.npz").write_bytes(b"PK")
    done = run_preview(tmp_path, "mine", "--configfile", "mine.yaml", "--output", "new/page.html")
    assert (done.returncode, done.stderr) == (1, "")
    assert "variant plain, seed 1" in (tmp_path / "new/page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere"], "nowhere: no such file or folder"),
        (["empty"], "empty: holds no recording and no digit folder"),
        (["a.npz", "--output", "a.npz"], "expected a name that ends in .html"),
        (["a.npz", "--configfile", "none.yaml"], "none.yaml: can't be read"),
        (["notes.md"], "notes.md: unknown suffix"),
        (["a\nb"], "'a\\nb': has a name with control characters"),
    ],
)
def test_a_mistake_is_one_sentence_and_leaves_nothing(arguments, sentence, tmp_path):
    write_frames(tmp_path / "results/simulated")
    write_recording(tmp_path / "a.npz", of_digit(1, 900, 1))
    (tmp_path / "notes.md").write_text("mine")
    (tmp_path / "empty").mkdir()
    before = sorted(tmp_path.rglob("*"))
    done = run_preview(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert sentence in line
    assert sorted(tmp_path.rglob("*")) == before


def test_a_page_that_cannot_be_written_is_one_sentence(with_frames, tmp_path):
    write_recording(tmp_path / "a.npz", of_digit(1, 900, 1))
    (tmp_path / "page.html").mkdir()
    with pytest.raises(StudyError, match=r"page\.html: can't be written"):
        write_preview(tmp_path / "a.npz", SETTINGS, with_frames, tmp_path / "page.html", quiet())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.npz", "page.html"]


@needs_real_files
def test_a_real_recording(with_frames, tmp_path):
    output = tmp_path / "page.html"
    path = REAL / "mnist-dvs/0/mnist_0_scale16_0001_qt1.aedat"
    found = write_preview(path, SETTINGS, with_frames, output, quiet())
    page = output.read_text(encoding="utf-8")
    assert found.rows["n_events"].tolist() == [11_209]
    assert "a line at 76.5 Hz" in page
    # Two recordings of this sensor have a hot pixel there.
    assert '<th scope="row" class="n">71</th><td class="n">78</td>' in page
    assert "<dt>Digits</dt><dd>0</dd>" in page
