"""README and the pages of docs/: true in their numbers, links and examples, and a site offline."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest
from running import ROOT

from dvs_snn.networks import architectures

README = ROOT / "README.md"
MEASURED_BY_NO_STUDY = {"0.42", "95.5", "94.5", "93.5", "0.1", "0.23", "0.03"}
SITE_NEEDS = ("sphinx", "myst_parser", "furo")


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def test_the_numbers_of_readme_and_results_are_those_that_studies_wrote():
    """`docs/quoted.py` wrote them to docs/numbers.csv; trainings differ by processor."""
    (answer,) = re.findall(r"^## The answer$(.*?)^## ", prose(README), re.DOTALL | re.MULTILINE)
    results = prose(ROOT / "docs/results.md")
    measured = " ".join(re.findall(r"<!-- numbers -->(.*?)<!-- end -->", results, re.DOTALL))
    with (ROOT / "docs/numbers.csv").open(encoding="utf-8", newline="") as file:
        shown = " ".join(row["shown"] for row in csv.DictReader(file))
    known = set(re.findall(r"\d+\.\d+", shown))
    for text in (answer, measured):
        # Scales, prices, versions and bars that we set ourselves stand beside what was measured.
        text = re.sub(r"version \d\.\d\.\d|\]\([^)]*\)", "", text)
        numbers = re.findall(r"(?<!scale )\b\d+\.\d+\b(?! pJ)", text)
        assert len(numbers) > 30
        assert [number for number in numbers if number not in known | MEASURED_BY_NO_STUDY] == []


def test_the_network_of_the_page_can_be_converted_and_counted():
    text = (ROOT / "docs/own_network.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    module = {}
    exec(code, module)
    layers = architectures.describe_layers("small", module["build"](10), 10)
    assert [layer.name for layer in layers] == ["conv1", "fc1", "fc2"]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The folder of the site, built without a warning: of a link that leads nowhere, say."""
    for package in SITE_NEEDS:
        pytest.importorskip(package, reason=f"{package} isn't installed (requirements-tests.txt)")
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "sphinx", "-W", "--keep-going", ROOT / "docs", folder]
    built = subprocess.run(build, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return folder


def test_the_site_has_every_page_and_fetches_nothing(site):
    pages = sorted(site.glob("*.html"))
    assert {page.stem for page in pages} >= {page.stem for page in (ROOT / "docs").glob("*.md")}
    fetching = r"""<(?:script|img|iframe|source|link)\b[^>]*\b(?:src|href|srcset)=["'](?:\w+:)?//"""
    styles = r"""(?:url\(\s*["']?|@import\s+["']?)(?:\w+:)?//"""
    for path in [*pages, *(site / "_static").rglob("*.css")]:
        text = path.read_text(encoding="utf-8")
        assert re.findall(fetching, text) + re.findall(styles, text) == [], path.name
