"""The player in a browser: it plays, pauses and is scrubbed, by mouse and by keyboard."""

import json
import re
from contextlib import ExitStack
from pathlib import Path

import browsing
import pytest
from browsing import axe_findings, needs_chromium, overflow
from drawings import STEP_MS, make_events, make_reading
from pages import make_page
from PIL import Image

from dvs_snn.report import player

pytestmark = [needs_chromium, pytest.mark.long]

STILL_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="10"/>'
N_FRAMES = {"A": 30, "B": 30, "C": 80}
READINGS = {
    "A": make_reading(30),
    "B": make_reading(30, label=None, silent=True),
    "C": make_reading(240),
}


@pytest.fixture(scope="module")
def page_file(tmp_path_factory) -> Path:
    """A page of three recordings: one as short as N-MNIST's, one silent, one of 2.4 s."""
    folder = tmp_path_factory.mktemp("players")
    panels = {}
    for name, read in READINGS.items():
        (folder / name).mkdir()
        files = {"film": folder / name / "film.png", "player": folder / name / "player.json"}
        steps = len(read.spikes) // N_FRAMES[name]
        duration_us = round(1000 * STEP_MS * len(read.spikes))
        recording = make_events(5000, duration_us)
        counts = player.film_counts(recording, 10_000 * steps, N_FRAMES[name])
        player.save_film(counts, files["film"])
        facts = {
            "title": read.title, "caption": "Events, spikes and power.",
            **player.frame_facts(read, steps), "tile": [34, 34], "columns": player.COLUMNS,
        }  # fmt: skip
        files["player"].write_text(json.dumps(facts), encoding="utf-8")
        files["strip"] = folder / "strip.svg"
        files["strip"].write_text(STILL_SVG, encoding="utf-8")
        panels[name] = files
    (folder / "page.html").write_text(make_page(panels=panels), encoding="utf-8")
    return folder / "page.html"


@pytest.fixture
def opened(browser, page_file):
    """A function that opens the page as a reader with these settings has it."""
    with ExitStack() as stack:

        def open_page(width=1100, waiting=".player.alive", **settings):
            found = stack.enter_context(browsing.opened(browser, page_file, width, **settings))
            all_found.append(found)
            found.page.wait_for_selector(waiting)
            # It plays once it is in sight.
            found.page.locator(waiting).first.scroll_into_view_if_needed()
            return found.page

        all_found = []
        yield open_page
        for found in all_found:
            assert found.is_silent()


def panel(page, name="A"):
    return page.get_by_role("tabpanel", name=name, exact=True)


def clock(page, name="A"):
    return panel(page, name).locator(".player-clock").inner_text()


def elapsed(page):
    """Milliseconds that the clock of recording A tells."""
    return float(clock(page).split()[0])


def wait_until(page, holds):
    """Ask again and again: playwright's own way to wait needs `eval`, which the page forbids."""
    for _ in range(200):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("waited in vain")


def counts(page, name="A"):
    cells = panel(page, name).locator(".player-row b").all_inner_texts()
    return [int(cell.replace(",", "")) for cell in cells]


def scrubbed(page, *keys):
    time = panel(page).get_by_role("slider", name="Time")
    time.focus()
    for key in keys:
        page.keyboard.press(key)
    return time


def seen_pixels(page):
    """Pixels of the film's canvas that aren't transparent."""
    return page.evaluate(
        """() => {
          const film = document.querySelector(".player-film");
          const data = film.getContext("2d").getImageData(0, 0, film.width, film.height).data;
          return Array.from(data).filter((value, i) => i % 4 === 3 && value > 0).length;
        }"""
    )


def test_it_plays_once_by_itself_and_stops_at_the_end(opened):
    page = opened()
    page.get_by_role("button", name="Pause").wait_for()
    wait_until(page, lambda: elapsed(page) > 20)
    page.get_by_role("button", name="Play").wait_for(timeout=15_000)
    assert clock(page) == "300 of 300 ms"
    assert counts(page) == READINGS["A"].spikes.sum(axis=0).tolist()
    page.wait_for_timeout(300)
    assert clock(page) == "300 of 300 ms"


def test_with_reduced_motion_it_starts_still_plays_when_asked_and_pauses(opened):
    page = opened(reduced_motion="reduce")
    page.wait_for_timeout(600)
    assert clock(page) == "10 of 300 ms"
    page.get_by_role("button", name="Play").press("Enter")
    wait_until(page, lambda: elapsed(page) > 10)
    page.get_by_role("button", name="Pause").click()
    held = clock(page)
    page.wait_for_timeout(600)
    assert clock(page) == held != "300 of 300 ms"


def test_scrubbing_by_keyboard_changes_time_film_bars_and_power(opened):
    page = opened(reduced_motion="reduce")
    read = READINGS["A"]
    for frame, keys in ((1, ["ArrowRight"]), (29, ["End"]), (28, ["ArrowLeft"]), (0, ["Home"])):
        time = scrubbed(page, *keys)
        assert clock(page) == f"{10 * (frame + 1)} of 300 ms"
        assert counts(page) == read.spikes[: frame + 1].sum(axis=0).tolist()
        digit = read.running[frame]
        words = "no output spike so far" if digit < 0 else f"reads {digit} so far"
        assert panel(page).get_by_text(f"{words} (shown: 3)").is_visible()
        assert time.get_attribute("aria-valuetext") == f"{10 * (frame + 1)} ms, {words}"
        power = float(re.search(r"power: ([\d.]+) mW", panel(page).inner_text())[1])
        assert power == pytest.approx(read.synops[frame] / 0.01 * 1e-8, rel=0.006)
        assert panel(page).locator(".player-row.leads").count() == (0 if digit < 0 else 1)


def test_the_canvas_shows_the_tile_of_the_frame(opened, page_file):
    page = opened(reduced_motion="reduce")
    sheet = Image.open(page_file.parent / "A/film.png").convert("RGBA")
    scrubbed(page, "End")
    tile = sheet.crop((13 * 34, 34, 14 * 34, 2 * 34))
    assert seen_pixels(page) == sum(value > 0 for value in tile.getchannel("A").tobytes()) > 0


def test_another_price_of_a_synop_changes_the_milliwatts(opened):
    page = opened(reduced_motion="reduce")
    mean = READINGS["A"].synops.sum() / 0.3

    def told():
        return float(re.search(r"mean ([\d.]+)", panel(page).inner_text())[1])

    assert told() == pytest.approx(mean * 1e-8, rel=0.006)
    page.locator("#pj").fill("0.5")
    page.locator("#static").fill("0.5")
    assert told() == pytest.approx(mean * 10**0.5 * 1e-9 + 0.5, rel=0.006)


def test_tabs_switch_by_arrow_keys_and_by_mouse(opened):
    page = opened(reduced_motion="reduce")

    def chosen():
        shown = [name for name in "ABC" if panel(page, name).is_visible()]
        tab = page.locator("[role=tab][aria-selected=true]")
        assert tab.all_inner_texts() == shown
        assert page.locator("[role=tab][tabindex='0']").count() == 1
        return shown

    assert chosen() == ["A"]
    page.get_by_role("tab", name="A").focus()
    for key, name in (("ArrowRight", "B"), ("ArrowLeft", "A"), ("ArrowLeft", "C"), ("Home", "A"),
                      ("End", "C"), ("ArrowRight", "A")):  # fmt: skip
        page.keyboard.press(key)
        assert chosen() == [name]
        assert page.evaluate("document.activeElement.textContent") == name
    page.get_by_role("tab", name="B").click()
    assert chosen() == ["B"]
    assert "no output spike so far (the digit shown is not known)" in panel(page, "B").inner_text()
    page.evaluate("location.hash = 'recording-3'")
    wait_until(page, panel(page, "C").is_visible)
    assert chosen() == ["C"]


@pytest.mark.parametrize(("width", "scheme"), [(358, "dark"), (1100, "light")])
def test_axe_finds_nothing_and_nothing_overflows(opened, scheme, width):
    page = opened(width, scheme=scheme, reduced_motion="reduce")
    for name in "ABC":
        page.get_by_role("tab", name=name).click()
        assert axe_findings(page) == []
        assert overflow(page) <= 0


def test_without_javascript_and_in_print_every_recording_has_its_still_picture(opened):
    bare = opened(script=False, waiting=".player-still")
    printed = opened(reduced_motion="reduce")
    printed.emulate_media(media="print")
    for page in (bare, printed):
        stills = page.locator(".player-still").all()
        assert len(stills) == 3
        assert all(still.is_visible() for still in stills)
        assert not page.locator(".player-live").first.is_visible()
    assert not bare.get_by_role("tablist").is_visible()


def test_no_text_of_a_recording_ends_the_script_element(page_file):
    """The titles hold `<A>`."""
    facts = re.findall(
        r'<script type="application/json">(.*?)</script>', page_file.read_text(encoding="utf-8")
    )
    assert len(facts) == 3
    assert all("<" not in text and json.loads(text)["title"] == "Recording <A>" for text in facts)
