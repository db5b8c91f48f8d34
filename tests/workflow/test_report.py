"""The report page and Snakemake's own report, opened in a browser that can't reach the network."""

import re
import zipfile
from pathlib import Path

import pytest
from browsing import (
    MOST_BYTES,
    SCHEMES,
    WIDTHS,
    check_access,
    check_print,
    check_reset,
    check_screen,
    check_without_script,
    chromium,
    needs_chromium,
    opened,
)
from running import SMOKE, run_snakemake

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def page(smoke):
    return smoke / "results/smoke/report.html"


def test_the_page_is_small_and_silent_and_fits_every_screen(browser, page):
    assert page.stat().st_size <= MOST_BYTES
    for width in WIDTHS:
        for scheme in SCHEMES:
            check_screen(browser, page, width, scheme)


def test_the_page_is_open_to_all(browser, page):
    for width, scheme in ((390, "dark"), (1280, "light")):
        check_access(browser, page, width, scheme)


def test_the_page_prints_and_needs_no_script(browser, page):
    check_print(browser, page)
    check_without_script(browser, page)


def test_the_sliders_change_the_page_and_the_button_brings_it_back(browser, page):
    check_reset(browser, page)


def test_the_page_refers_to_nothing_outside(smoke):
    page = (smoke / "results/smoke/report.html").read_text(encoding="utf-8")
    # Within scripts stand words that look like tags; what they fetch the browser tells.
    page = re.sub(r"(<script[^>]*>).*?</script>", r"\1</script>", page, flags=re.S)
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


def test_the_smoke_tables_are_marked_too(smoke):
    words = (smoke / "results/smoke/tables/NOT-A-RESULT.txt").read_text(encoding="utf-8")
    assert "not a result" in words


def test_snakemakes_own_report_opens(browser, smoke, tmp_path):
    archive = tmp_path / "report.zip"
    done = run_snakemake(smoke, "--report", str(archive), *SMOKE)
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(archive) as packed:
        names = {Path(name).name for name in packed.namelist()}
        packed.extractall(tmp_path)
    assert "choice.csv" in names
    assert not names & {"layers.csv", "predictions.csv"}, "a second copy of a large table"
    (page,) = tmp_path.glob("*/report.html")
    with opened(browser, page) as found:
        found.page.wait_for_load_state("networkidle")
        assert not [line for line in found.console if line.startswith("error")], found.console
        assert "Snakemake Report" in found.page.content()
        # The menu is drawn by the page's own script.
        for category in ("0 Report", "1 Results", "2 Recordings", "3 Training", "4 Tables"):
            assert category in found.page.content()
