"""The report page and Snakemake's own report, opened in a browser that can't reach the network."""

import re
import zipfile
from pathlib import Path

import pytest
from browsing import (
    SCHEMES,
    check_everywhere,
    check_page,
    check_without_script,
    needs_chromium,
    opened,
)
from running import SMOKE, run_snakemake

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def page(smoke):
    return smoke / "results/smoke/report.html"


def test_the_page_holds_in_a_browser(browser, page):
    check_page(browser, page)


@pytest.mark.long
def test_the_page_holds_in_all_widths_and_on_paper(browser, page):
    check_everywhere(browser, page, SCHEMES)


@pytest.mark.long
def test_the_page_needs_no_script(browser, page):
    check_without_script(browser, page)


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


@pytest.mark.long
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
