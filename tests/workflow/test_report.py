"""The report page and Snakemake's own report, opened in a browser that can't reach the network."""

import zipfile
from pathlib import Path

import pytest
from browsing import SCHEMES, check_everywhere, needs_chromium, opened
from running import SMOKE, succeed

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def page(smoke):
    return smoke / "results/smoke/report.html"


@pytest.mark.long
def test_the_page_holds_in_all_widths_and_on_paper(browser, page):
    check_everywhere(browser, page, SCHEMES)


@pytest.mark.long
def test_snakemakes_own_report_opens(browser, smoke, tmp_path):
    archive = tmp_path / "report.zip"
    succeed(smoke, "--report", str(archive), *SMOKE)
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
        for category in ("0 Report", "1 Results", "2 Recordings", "4 Tables"):
            assert category in found.page.content()
