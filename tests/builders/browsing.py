"""A page in Chromium: its console and requests, and what must hold of it on any screen."""

import io
import re
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PdfReader

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

WIDTHS = (390, 768, 1280, 1600)
TABLET, LAPTOP = 768, 1280
"""From a tablet on nothing is wider than its box: a table shows all its columns."""
SCHEMES = ("light", "dark")
HEIGHTS = {390: 844}
# What lies between the margins of A4.
PAPER = (733, 1062)
MOST_PAGES = 10
MOST_BYTES = 2_000_000
MOST_PX = {False: 6_500, True: 12_000}
"""Of the page on a laptop, with folds closed and open."""
MOST_WORDS = 6_000

SAID = """() => {
    const main = document.querySelector("main").cloneNode(true);
    const unsaid = "script, svg, .chart, .player-live, .menu";
    main.querySelectorAll(unsaid).forEach(part => part.remove());
    return main.textContent.replace(/\\s+/g, " ");
}"""
"""All words of the page, folded ones too, but those of charts and players."""

FAULTS = """() => {
    const all = (where) => [...document.querySelectorAll(where)];
    const html = (one) => one.outerHTML.slice(0, 200);
    const ids = all("[id]").map(one => one.id);
    const figures = all("figure img, figure .chart").filter(one => one.checkVisibility());
    return {
        "without size or words": figures.filter(one => {
            const box = one.getBoundingClientRect();
            const isEmpty = one.matches("img") ? !one.naturalWidth : !one.querySelector("svg");
            const words = one.alt ?? one.ariaLabel ?? "";
            return box.width < 20 || box.height < 20 || words.length < 10 || isEmpty;
        }).map(html),
        "nothing but its heading": all("main > section").map(one => one.innerText.trim())
            .filter(text => text.length < text.split("\\n")[0].length + 30),
        "id stands twice": ids.filter((id, i) => ids.indexOf(id) !== i),
        "link leads nowhere": all("a[href^='#']").map(a => a.hash.slice(1))
            .filter(id => !ids.includes(id)),
        // What scrolls takes the focus, and nothing else.
        "wrong focus": all(".scroll, [tabindex='0']")
            .filter(box => box.checkVisibility() && !box.matches("button"))
            .filter(box => (box.scrollWidth > box.clientWidth) !== (box.tabIndex === 0)).map(html),
    };
}"""
"""What is wrong with what is in sight, by kind."""

CUT = """() => [...document.querySelectorAll(".scroll, pre, .facts")]
    .filter(box => box.scrollWidth > box.clientWidth + 1)
    .map(box => `${box.scrollWidth} > ${box.clientWidth}: ${box.ariaLabel ?? box.className}`)"""
"""What is wider than its column or its page."""

CUT_CHARTS = """() => [...document.querySelectorAll(".scroll:has(.chart)")]
    .filter(box => box.checkVisibility() && box.scrollWidth > box.clientWidth + 1)
    .map(box => `${box.scrollWidth} > ${box.clientWidth}: ${box.ariaLabel}`)"""
"""Charts of which a part is out of sight."""

PALE = """() => {
    const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const over = ([r, g, b, alpha = 1], ground) =>
        [r, g, b].map((value, i) => alpha * value + (1 - alpha) * ground[i]);
    const light = (colour) => colour
        .map(value => value / 255)
        .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
        .reduce((sum, value, i) => sum + [0.2126, 0.7152, 0.0722][i] * value, 0);
    const filled = (part) => {
        const {fill, fillOpacity, opacity} = getComputedStyle(part);
        if (fill === "none") return [0, 0, 0, 0];
        const [r, g, b, alpha = 1] = channels(fill);
        return [r, g, b, alpha * fillOpacity * opacity];
    };
    const paper = channels(getComputedStyle(document.body).backgroundColor);
    // What is drawn before the words, and lies below their middle.
    const below = (text) => {
        const {x, y, width, height} = text.getBoundingClientRect();
        const middle = new DOMPoint(x + width / 2, y + height / 2);
        const parts = [...text.closest("svg").querySelectorAll("path, rect")].filter(part =>
            part.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING
            && !part.closest("defs")
            && part.isPointInFill(middle.matrixTransform(part.getScreenCTM().inverse())));
        return parts.reduce((ground, part) => over(filled(part), ground), paper);
    };
    const contrast = (text) => {
        const ground = below(text);
        const pair = [light(over(filled(text), ground)), light(ground)];
        return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    };
    return [...document.querySelectorAll(".chart svg text, .stages svg text")]
        .filter(text => text.checkVisibility({opacityProperty: true}) && text.textContent.trim())
        .map(text => [contrast(text), text.textContent])
        .filter(([ratio]) => ratio < 4.5);
}"""
"""Words inside charts that are paler than 4.5 to 1, with that ratio: axe doesn't look there."""

SIZE = """() => [document.documentElement.scrollHeight,
    document.querySelector("main").innerText.trim().split(/\\s+/).length]"""

OPEN_ALL = "document.querySelectorAll('details:not(.menu)').forEach(part => { part.open = true; })"


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that can't reach the network."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"],
        )
        yield browser
        browser.close()


@dataclass
class Opened:
    """An open page, all that it wrote to the console, and all that it asked for."""

    page: Page
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def is_silent(self) -> bool:
        """Return whether it wrote nothing and asked for nothing but itself."""
        assert self.console == []
        asked = [url for url in self.requests if not url.startswith("data:")]
        assert {re.split("[?#]", url)[0] for url in asked} == {re.split("[?#]", self.page.url)[0]}
        return True


@contextmanager
def opened(
    browser: Browser,
    file: Path,
    width: int = 1280,
    scheme: str = "light",
    script: bool = True,
    address: str = "",
    **settings: str,
) -> Iterator[Opened]:
    """Open a file, and give it once its charts are drawn; `settings` as playwright has them.

    `address` is what follows the file's name: a query and a fragment.
    """
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS.get(width, 900)},
        color_scheme=scheme,
        java_script_enabled=script,
        **settings,
    )
    context.set_default_timeout(30_000)
    found = Opened(context.new_page())
    found.page.on("console", lambda said: found.console.append(f"{said.type}: {said.text}"))
    found.page.on("pageerror", lambda error: found.console.append(f"error: {error}"))
    found.page.on("request", lambda asked: found.requests.append(asked.url))
    found.page.goto(f"{file.as_uri()}{address}")
    if script and found.page.locator(".chart").count():
        found.page.wait_for_selector("html.drawn")
    yield found
    context.close()


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def axe_findings(page: Page) -> list[str]:
    """Return what axe finds, one line a rule."""
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {[node['html'][:200] for node in rule['nodes'][:4]]}" for rule in found]


def unspaced(text: str) -> str:
    """Text as it compares across lines and columns."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def check_screen(
    browser: Browser, file: Path, width: int, scheme: str, axe: bool = False, more_px: int = 0
) -> None:
    """Check what must hold of the page on one screen, with folds closed and open.

    With `axe` also what axe finds, and the contrast of words inside charts. The tables may make the
    page `more_px` higher than the default study's.
    """
    with opened(browser, file, width, scheme) as found:
        for is_open in (False, True):
            if is_open:
                found.page.evaluate(OPEN_ALL)
                # The event of a fold comes later.
                found.page.wait_for_timeout(100)
            assert overflow(found.page) <= 0, overflow(found.page)
            faults = found.page.evaluate(FAULTS)
            assert not any(faults.values()), faults
            assert found.page.evaluate(CUT_CHARTS) == []
            assert not axe or axe_findings(found.page) == []
            assert not axe or found.page.evaluate(PALE) == []
            if width == LAPTOP:
                height, n_words = found.page.evaluate(SIZE)
                assert height <= MOST_PX[is_open] + more_px
                assert n_words <= MOST_WORDS
        if width >= TABLET:
            assert found.page.evaluate(CUT) == []
        assert found.is_silent()


def check_page(browser: Browser, file: Path) -> None:
    """Check the page of a finished study on a phone in light and a laptop in dark."""
    assert file.stat().st_size <= MOST_BYTES
    check_screen(browser, file, 390, "light")
    check_screen(browser, file, LAPTOP, "dark")


def check_everywhere(
    browser: Browser, file: Path, schemes: Sequence[str] = ("light",), more_px: int = 0
) -> None:
    """Check the page on every screen and on paper, and that it is open to all."""
    assert file.stat().st_size <= MOST_BYTES
    for width, scheme in product(WIDTHS, schemes):
        axe = (width, scheme) == (LAPTOP, "light")
        check_screen(browser, file, width, scheme, axe, more_px)
    check_screen(browser, file, 390, "dark", axe=True)
    check_print(browser, file)


def check_print(browser: Browser, file: Path, scheme: str = "light", script: bool = True) -> None:
    """Check that print shows all, cuts nothing, and is short."""
    with opened(browser, file, scheme=scheme, script=script) as found:
        page = found.page
        folded = page.evaluate("""() =>
            [...document.querySelectorAll("main details p:not(.player *), main td")]
            .map(part => part.textContent.trim()).filter(text => text.length > 25)""")
        sheets = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
        assert len(sheets) <= MOST_PAGES, len(sheets)
        text = unspaced("".join(sheet.extract_text() for sheet in sheets))
        # Words, since the text of a PDF takes the cells of a row line by line.
        words = {word for part in folded for word in part.split() if 3 < len(word) < 20}
        missing = sorted(word for word in words if unspaced(word) not in text)
        assert missing == [], missing
        # No heading stands at the foot of a sheet, away from the first paragraph behind it.
        starts = page.evaluate("""() => [...document.querySelectorAll("main h2 + p")]
            .map(first => first.previousElementSibling.textContent + first.textContent)""")
        texts = [unspaced(sheet.extract_text()) for sheet in sheets]
        torn = [start for start in starts if not any(unspaced(start) in each for each in texts)]
        assert torn == [], torn
        page.emulate_media(media="print")
        page.set_viewport_size({"width": PAPER[0], "height": PAPER[1]})
        cut = page.evaluate(CUT)
        assert cut == [], cut
        assert overflow(page) <= 0, overflow(page)
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        assert found.is_silent()


def check_without_script(browser: Browser, file: Path) -> None:
    """Check that everything is there where scripts don't run."""
    with opened(browser, file) as found:
        wanted = found.page.evaluate(SAID)
        n_charts = found.page.locator(".chart svg").count()
    with opened(browser, file, script=False) as found:
        page = found.page
        assert page.evaluate(SAID) == wanted
        assert page.locator(".chart svg").count() == n_charts
        page.evaluate(OPEN_ALL)
        for chart in page.locator(".chart svg").all():
            assert min(chart.bounding_box()[side] for side in ("width", "height")) > 40
        assert overflow(page) <= 0, overflow(page)
        assert found.is_silent()
