"""Manifests list what a study made, and two of them are compared in words."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pandas as pd

from dvs_snn.publication.result_manifest import ManifestJob, read_manifest, write_manifest

COMPARE = Path(__file__).parents[3] / "workflow" / "compare_manifests.py"


def _study(root: Path, table: str = "a\n1\n", speed: str = "9", figure: str = "sweep") -> Path:
    """Make a study of a table, a figure and a page, and its manifest."""
    listed, figure = root / "tables/evaluation.csv", root / f"figures/{figure}.svg"
    for path, content in ((listed, table), (figure, "<svg/>")):
        path.parent.mkdir(parents=True)
        path.write_text(content)
    varying = f"<!-- varies -->{speed}\n<!-- /varies -->"
    (root / "report.html").write_text(f"<p>1{varying}</p><p>2{varying}")
    job = ManifestJob([listed], [figure], root / "report.html", root / "manifest.csv")
    write_manifest(job)
    return root


def test_a_manifest_lists_every_file_and_what_is_left_out(tmp_path):
    table = pd.read_csv(_study(tmp_path / "a") / "manifest.csv", keep_default_na=False)
    assert table["file"].tolist() == [
        "figures/sweep.svg",
        "provenance.json",
        "report.html",
        "tables/evaluation.csv",
        "tables/runtimes.csv",
        "work/benchmarks/",
    ]
    by_file = table.set_index("file")
    assert by_file.loc["figures/sweep.svg", "sha256"] == hashlib.sha256(b"<svg/>").hexdigest()
    page = hashlib.sha256(b"<p>1</p><p>2").hexdigest()
    assert by_file.loc["report.html", "sha256"] == page
    assert by_file.loc["tables/runtimes.csv"].tolist() == ["", "left out: timings"]
    assert "tables/runtimes.csv" not in read_manifest(tmp_path / "a/manifest.csv")


def test_the_command_tells_every_difference_in_a_sentence_and_needs_no_installation(tmp_path):
    first, second = _study(tmp_path / "a"), _study(tmp_path / "b", "a\n2\n", figure="new")

    def run(path: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, COMPARE, first, path]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    # Runs that differ in what may differ only agree.
    same = run(_study(tmp_path / "same", speed="10") / "manifest.csv")
    assert (same.returncode, same.stderr) == (0, "")
    assert same.stdout == "Both hold the same 3 files with the same contents.\n"
    different = run(second)
    assert different.returncode == 1
    assert different.stdout.splitlines() == [
        f"figures/new.svg is only in {second}.",
        f"figures/sweep.svg is only in {first}.",
        "tables/evaluation.csv differs.",
        f"3 differ; {first} holds 3 files.",
    ]
    # What counts is what the files hold, not what their manifests list.
    (second / "manifest.csv").write_bytes((first / "manifest.csv").read_bytes())
    (second / "figures/new.svg").rename(second / "figures/sweep.svg")
    assert run(second).stdout.splitlines() == [
        f"{second}/tables/evaluation.csv isn't the file that its manifest lists.",
        "tables/evaluation.csv differs.",
        f"2 differ; {first} holds 3 files.",
    ]
    (second / "figures/sweep.svg").unlink()
    assert f"{second}/figures/sweep.svg is missing.\n" in run(second).stdout
    (tmp_path / "damaged").write_text("a,b\n1,2\n")
    for name in ("nowhere", "damaged"):
        refused = run(tmp_path / name)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert f"{name}: can't be read as a manifest" in refused.stderr
