"""The report page and Snakemake's own report, opened in a browser that can't reach the network."""

import html
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from running import SMOKE, run_snakemake

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

# Run in the page once it has loaded; a frame's parent is told too.
PROBE = """
<script>
addEventListener("load", () => {
  const measured = JSON.stringify({
    scrollWidth: document.documentElement.scrollWidth,
    clientWidth: document.documentElement.clientWidth,
    innerWidth: innerWidth,
    requests: performance.getEntriesByType("resource").map(entry => entry.name.slice(0, 200)),
    broken: [...document.images].filter(image => !image.naturalWidth).length,
    images: document.images.length,
    figures: document.querySelectorAll("figure, svg").length,
  });
  document.documentElement.dataset.measured = measured;
  parent.postMessage(measured, "*");
});
</script>
"""
# Chromium's windows are at least 500 px wide; a frame is as narrow as one likes.
FRAME = """<!doctype html><meta charset="utf-8"><title>frame</title>
<script>addEventListener("message", event => {
  document.documentElement.dataset.measured = event.data;
});</script>
<iframe src="page.html" style="width: 390px; height: 844px; border: 0"></iframe>
"""


def opened(page: Path, profile: Path, width: int = 1280) -> tuple[str, list[str]]:
    """Open a page; return its DOM after loading, and what it wrote to the console."""
    done = subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={profile}",
            "--enable-logging=stderr",
            f"--window-size={width},1000",
            "--virtual-time-budget=10000",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def measured(dom: str) -> dict:
    match = re.search(r'data-measured="([^"]*)"', dom)
    assert match, dom[:2000]
    return json.loads(html.unescape(match[1]))


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_self_contained_and_fits(smoke, tmp_path, width):
    page = (smoke / "results/smoke/report.html").read_text(encoding="utf-8")
    assert "</body>" in page
    head, tail = page.rsplit("</body>", 1)
    (tmp_path / "page.html").write_text(f"{head}{PROBE}</body>{tail}", encoding="utf-8")
    (tmp_path / "frame.html").write_text(FRAME, encoding="utf-8")
    name = "frame.html" if width < 500 else "page.html"
    dom, console = opened(tmp_path / name, tmp_path / "profile", max(width, 500))
    assert console == []
    found = measured(dom)
    assert found["innerWidth"] == width
    # The window less its vertical scroll bar: one pixel more and the page scrolls sideways.
    assert found["scrollWidth"] <= found["clientWidth"]
    assert [name for name in found["requests"] if not name.startswith("data:")] == []
    assert found["broken"] == 0
    assert found["images"] + found["figures"] > 10


def test_the_page_refers_to_nothing_outside(smoke):
    page = (smoke / "results/smoke/report.html").read_text(encoding="utf-8")
    # Links that a reader may click lead out; nothing that a browser loads by itself does.
    for tag in re.findall(r"<(?:img|script|link|iframe|source|image|use)\b[^>]*>", page):
        for value in re.findall(r'(?:src|href|srcset)="([^"]*)"', tag):
            assert value.startswith(("data:", "#")), tag[:200]
    assert not re.search(r"@import|url\((?!['\"]?(?:data:|#))", page)


def test_the_smoke_page_says_so_in_its_first_line(smoke):
    page = (smoke / "results/smoke/report.html").read_text(encoding="utf-8")
    body = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", page.split("<body", 1)[1], flags=re.S)
    text = re.sub(r"<[^>]*>", " ", body.split(">", 1)[1]).split()
    assert "smoke run" in " ".join(text[:40]).lower()


def test_snakemakes_own_report_opens(smoke, tmp_path):
    archive = tmp_path / "report.zip"
    done = run_snakemake(smoke, "--report", str(archive), *SMOKE)
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(archive) as packed:
        names = {Path(name).name for name in packed.namelist()}
        packed.extractall(tmp_path)
    assert "choice.csv" in names
    assert not names & {"layers.csv", "predictions.csv"}, "a second copy of a large table"
    (page,) = tmp_path.glob("*/report.html")
    dom, console = opened(page, tmp_path / "profile")
    assert not [line for line in console if "Uncaught" in line or "ERROR" in line], console
    assert "Snakemake Report" in dom
    # The menu is drawn by the page's own script.
    for category in ("0 Report", "1 Results", "2 Recordings", "3 Training", "4 Tables"):
        assert category in dom
