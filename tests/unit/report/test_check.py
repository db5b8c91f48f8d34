"""The command and its page: what it shows, how it ends, and what it leaves."""

import html
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from browsing import axe_findings, needs_chromium, opened, overflow
from checked_study import write_frames
from made_recordings import of_digit

from dvs_snn.recordings.recording import SUFFIXES, write_recording

ROOT = Path(__file__).parents[3]


def write_folder(root: Path, names: str = "0123456789") -> Path:
    for digit, name in enumerate(names):
        (root / name).mkdir(parents=True)
        write_recording(root / f"{name}/a.npz", of_digit(digit, 900, digit))
    return root


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, str(ROOT / "workflow/check.py"), *arguments]
    return subprocess.run(program, cwd=folder, capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def checked(tmp_path_factory) -> tuple[Path, str]:
    """The page on a finished study's set, in which one file is damaged, and what was printed."""
    folder = tmp_path_factory.mktemp("check")
    write_frames(folder / "results/own/work/frames")
    write_folder(folder / "mine")
    (folder / "mine/1/<b>.npz").write_bytes(b"PK")
    entry = {"name": "m", "folder": "mine", "sensor_size": [64, 64]}
    (folder / "mine.yaml").write_text(
        yaml.safe_dump({"study": "own", "evaluation": {"sets": [entry]}})
    )
    done = run(folder, "--configfile", "mine.yaml", "--output", "new/page.html")
    assert (done.returncode, done.stderr) == (1, "")
    return folder / "new/page.html", done.stdout


def test_the_page_holds_what_was_printed_and_pictures_and_names_are_escaped(checked):
    path, printed = checked
    page = path.read_text(encoding="utf-8")
    assert "look at set m (see new/page.html)" in printed
    (fault,) = re.findall(r"^  (fault: .*)$", printed, re.MULTILINE)
    assert html.escape(fault).replace("&#x27;", "&#39;") in page
    assert "<script" not in page
    assert "<b>.npz" not in page
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', page)
    assert len(re.findall(r'<img[^>]*alt="[^"]{40,}"', page)) == 1


@needs_chromium
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_and_is_open_to_all(browser, checked, width):
    with opened(browser, checked[0], width, "light") as found:
        assert overflow(found.page) <= 0
        assert found.console == []
        assert axe_findings(found.page) == []


def test_every_format_and_other_classes_before_a_study_has_run(tmp_path):
    folder = write_folder(tmp_path / "mine", ["car", "tree"])
    for suffix in SUFFIXES:
        size = {".bin": (34, 34), ".aedat": (128, 128)}.get(suffix, (64, 64))
        recording = of_digit(3, 2000, len(suffix), size[0], size)
        write_recording(folder / f"car/b{suffix}", recording)
    config = {"study": "own", "data": {"source": "folder", "folder": "mine"}}
    config["data"]["classes"] = ["car", "tree"]
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(config))
    done = run(tmp_path, "--configfile", "mine.yaml")
    # Their sensors differ in size, which is no fault of a file.
    assert (done.returncode, done.stderr) == (1, "")
    assert f"{2 + len(SUFFIXES)} recordings of the classes car and tree" in done.stdout
    page = (tmp_path / "check.html").read_text(encoding="utf-8")
    assert "digit" not in re.sub(r"<style>.*?</style>|data:[^\"]+", "", page, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("arguments", "text", "sentence"),
    [
        (["mine", "--output", "a.npz"], "", "expected a name that ends in .html"),
        (["--configfile", "mine.yaml"], "study: mine", "the settings name no folder of recordings"),
        (["--configfile", "none.yaml"], "", "none.yaml: can't be read"),
    ],
)
def test_a_mistake_is_one_sentence_and_leaves_nothing(arguments, text, sentence, tmp_path):
    write_folder(tmp_path / "mine", "0")
    write_frames(tmp_path / "results/simulated/work/frames")
    (tmp_path / "mine.html").mkdir()
    (tmp_path / "mine.yaml").write_text(text)
    before = sorted(tmp_path.rglob("*"))
    done = run(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert sentence in line
    assert sorted(tmp_path.rglob("*")) == before


def test_a_python_without_the_studys_packages_is_told_how_to_get_them(tmp_path):
    """As the system's Python is: without the packages of this one."""
    command = [sys.executable, "-I", "-S", ROOT / "workflow/check.py", "mine"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    (remedy,) = re.findall(r"with: (python3 -m venv .venv && .* requirements.txt), and run", line)
    assert remedy in (ROOT / "README.md").read_text(encoding="utf-8")
