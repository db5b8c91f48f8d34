"""The page in a browser: on four screens, printed, without scripts, its charts and its player."""

import io
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from browsing import (
    SCHEMES,
    check_everywhere,
    check_print,
    check_without_script,
    needs_chromium,
    opened,
)
from drawings import STEP_MS, make_events, make_reading, save_charts
from pages import make_choice, make_page, make_recordings, make_tables
from PIL import Image
from result_tables import make_evaluation, make_points, make_predictions, make_probes

from dvs_snn.report import player
from dvs_snn.report.recorded import _stopped
from dvs_snn.report.style import method_name
from dvs_snn.report.text import NBSP, significant

pytestmark = [needs_chromium, pytest.mark.long]

SILENT = make_reading(label=None, silent=True)
WHOLE = make_reading()
AT_EXIT = WHOLE.spikes[:12].sum(axis=0)
STOPPED = _stopped(WHOLE, 12, AT_EXIT, int(WHOLE.synops[:12].sum()))
READINGS = {"A": WHOLE, "B": SILENT, "C": STOPPED}


@pytest.fixture(scope="module")
def tables():
    more = {"points": make_points(), "predictions": make_predictions(), "probes": make_probes()}
    methods = {"plain": "rescaled", "lean": "synop-loss"}
    evaluation = make_evaluation(tuple(methods), methods=methods)
    return make_tables(evaluation=evaluation, choice=make_choice()) | more


@pytest.fixture(scope="module")
def file(tables, tmp_path_factory):
    """A page with every chart and figure, and three recordings, one of a silent network."""
    folder = tmp_path_factory.mktemp("page")
    figures = save_charts(folder)
    panels = {}
    for name, read in READINGS.items():
        files = {"film": folder / f"{name}.png", "player": folder / f"{name}.json"}
        player.save_film(player.film_counts(make_events(), 10_000, 30), files["film"])
        facts = {"title": read.title, "caption": "Events, spikes and power.", "tile": [34, 34]}
        facts |= {"columns": player.COLUMNS, **player.frame_facts(read, 1)}
        files["player"].write_text(json.dumps(facts), encoding="utf-8")
        panels[name] = files
    path = folder / "made-up.html"
    path.write_text(make_page(tables=tables, figures=figures, panels=panels), encoding="utf-8")
    return path


@pytest.fixture
def page(browser, file):
    with opened(browser, file, reduced_motion="reduce") as reader:
        yield reader.page
        assert reader.is_silent()


def test_the_page_holds_in_all_widths_and_on_paper(browser, file):
    check_everywhere(browser, file, SCHEMES)
    check_print(browser, file, "dark")


def test_without_scripts_all_is_there(browser, file):
    check_without_script(browser, file)
    check_print(browser, file, script=False)


@pytest.mark.parametrize(
    ("width", "parts"), [(390, [".answer"]), (1280, [".answer", ".first svg"])]
)
def test_the_answer_stands_on_the_first_screen(browser, file, width, parts):
    with opened(browser, file, width) as reader:
        for part in (*parts, "#chart-answer")[: len(parts) + (width > 390)]:
            box = reader.page.locator(part).first.bounding_box()
            height = reader.page.viewport_size["height"]
            assert box["y"] + box["height"] <= height, part


def test_on_a_phone_every_set_of_the_front_is_in_sight(browser, file):
    with opened(browser, file, 390) as reader:
        titles = reader.page.locator("#chart-front .role-title-text").all()
        assert len(titles) == 2
        assert max(title.bounding_box()["x"] for title in titles) < 100


def panel(page, name="A"):
    return page.locator(f"#recording-{'ABC'.index(name) + 1}")


# --- the charts -----------------------------------------------------------------------------------


MARKS = """([chart, smallest]) => [...document.querySelectorAll(
        `#chart-${chart} :is(.mark-symbol, .mark-rect) path`)]
    .filter(path => path.__data__?.datum?.words && (path.__data__.size ?? 999) > smallest)
    .map(path => {
        const box = path.getBoundingClientRect(), datum = path.__data__.datum;
        return [datum.words, box.x + box.width / 2, box.y + box.height / 2, datum.uj];
    })"""
"""The words, places and energies of a chart's marks."""


def test_words_charts_and_player_have_the_energies_of_the_tables(page, tables):
    points = tables["points"].query("set == 'test' and chosen == 1 and method == 'early-exit'")
    lead = points[points["seed"].isna()].iloc[0]
    uj = lead["operations_per_reading"] * 10e-6
    read = page.locator("section[aria-labelledby='answer']").text_content()
    assert f"accuracy for {significant(uj)} µJ per recording" in read
    assert f"not measured: 10{NBSP}pJ per SynOp" in read
    shown = page.evaluate(MARKS, ["answer", 0])
    assert round(uj, 4) in {round(at, 4) for _, _, _, at in shown}
    mw = make_recordings().query("recording == 'A' and chosen == 1")["power_mw"].iloc[0]
    assert f"at {significant(mw)} mW" in panel(page).inner_text()
    mean = float(re.search(r"mean ([\d.]+)", panel(page).inner_text())[1])
    assert mean == pytest.approx(READINGS["A"].synops.sum() / 0.3 * 10e-9, rel=0.006)


FRONTS = """() => [...document.querySelectorAll("#chart-answer .mark-line path")]
    .map(path => path.__data__.mark.items)
    .filter(items => items[0].interpolate === "step-after")
    .map(items => items.map(({datum}) => [datum.uj, datum.best]))"""
"""Energy and accuracy along the fronts; the lines of a network's scales run as they were read."""


def test_no_front_runs_back(page):
    fronts = page.evaluate(FRONTS)
    # Of spiking networks, and of CNNs.
    assert len(fronts) == 2
    for points in fronts:
        assert points == sorted(points)
        accuracies = [accuracy for _, accuracy in points]
        assert accuracies == sorted(accuracies)


@pytest.mark.parametrize("kind", ["csv", "svg", "png"])
def test_a_charts_menu_saves_it(page, tables, kind):
    menu = page.locator("section[aria-labelledby='answer'] .menu")
    menu.locator("summary").click()
    with page.expect_download() as download:
        menu.locator(f"[data-kind={kind}]").click()
    saved = download.value
    assert saved.suggested_filename == f"answer.{kind}"
    content = Path(saved.path()).read_bytes()
    if kind == "csv":
        rows = pd.read_csv(io.BytesIO(content))
        assert {"method", "accuracy", "uj"} <= set(rows)
        assert rows[["method", "accuracy", "uj"]].notna().all(axis=None)
        on_front = tables["points"].query("on_front == 1 and set == 'test'")
        assert set(on_front["method"].map(method_name)) <= set(rows["method"])
        assert len(rows) > 10
    assert content.startswith({"csv": b"", "svg": b"<svg", "png": b"\x89PNG"}[kind])
    assert b"currentColor" not in content
    if kind == "svg":
        # A long line of words is wrapped.
        words = re.sub("(<[^>]+>| )+", " ", content.decode())
        assert "imulated" in words
        assert f"SynOp 10{NBSP}pJ" in words
        assert f"idle power 0{NBSP}mW." in words


@pytest.mark.parametrize(
    ("chart", "smallest"),
    [("answer", 0), ("front", 150), ("latency", 0), ("sets", 0), ("probes", 0)],
)
def test_hovering_a_mark_tells_it(page, chart, smallest):
    """Of the front's marks the large ones, which no other hides."""
    place = page.locator(f"#chart-{chart}")
    place.scroll_into_view_if_needed()
    assert page.locator(".tip").is_hidden()
    marks = page.evaluate(MARKS, [chart, smallest])
    assert len(marks) > 1
    told = []
    for _, x, y, _ in marks[:40]:
        page.mouse.move(x, y)
        page.wait_for_timeout(50)
        if page.locator(".tip").is_visible():
            told.append(page.locator(".tip").text_content())
    # One mark may lie upon another, or a ring without words.
    assert len(told) >= 0.8 * len(marks[:40])
    assert set(told) <= {words for words, *_ in marks}
    page.mouse.move(5, 5)
    assert page.locator(".tip").is_hidden()


# --- the player -----------------------------------------------------------------------------------


def clock(page):
    return panel(page).locator(".player-clock").inner_text()


def wait_until(page, holds):
    """Ask again and again: playwright's own way to wait needs `eval`, which the page forbids."""
    for _ in range(200):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("waited in vain")


def spike_counts(page):
    cells = panel(page).locator(".player-row b").all_inner_texts()
    return [int(cell.replace(",", "")) for cell in cells]


def test_it_plays_when_asked_and_stops_at_the_end(browser, file):
    with opened(browser, file) as reader:
        panel(reader.page).locator(".player.alive").scroll_into_view_if_needed()
        reader.page.wait_for_timeout(600)
        assert clock(reader.page) == "10 of 300 ms"
        reader.page.get_by_role("button", name="Play").press("Enter")
        reader.page.get_by_role("button", name="Pause").wait_for()
        reader.page.get_by_role("button", name="Play").wait_for(timeout=15_000)
        for _ in range(2):
            assert clock(reader.page) == "300 of 300 ms"
            reader.page.wait_for_timeout(300)
        assert spike_counts(reader.page) == READINGS["A"].spikes.sum(axis=0).tolist()
        assert reader.is_silent()


def test_with_reduced_motion_it_plays_in_few_pictures_and_pauses(page):
    panel(page).locator(".player.alive").scroll_into_view_if_needed()
    page.get_by_role("button", name="Play").press("Enter")
    changes = page.evaluate("""() => new Promise((done) => {
        let changes = 0;
        const clock = document.querySelector(".player-clock");
        new MutationObserver(() => { changes += 1; }).observe(clock, {childList: true});
        setTimeout(() => done(changes), 1500);
    })""")
    assert 1 <= changes <= 4
    wait_until(page, lambda: clock(page) != "10 of 300 ms")
    page.get_by_role("button", name="Pause").click()
    held = clock(page)
    page.wait_for_timeout(600)
    assert clock(page) == held != "300 of 300 ms"


def test_scrubbing_by_keyboard_changes_time_film_bars_and_power(page, file):
    read = READINGS["A"]
    time = panel(page).get_by_role("slider", name="Time")
    for frame, key in ((1, "ArrowRight"), (0, "Home"), (29, "End"), (28, "ArrowLeft")):
        time.focus()
        page.keyboard.press(key)
        assert clock(page) == f"{10 * (frame + 1)} of 300 ms"
        assert spike_counts(page) == read.spikes[: frame + 1].sum(axis=0).tolist()
        digit = read.running[frame]
        words = "no output spike so far" if digit < 0 else f"reads {digit} so far"
        assert panel(page).get_by_text(f"{words} (shown: 3)").is_visible()
        assert time.get_attribute("aria-valuetext") == f"{10 * (frame + 1)} ms, {words}"
        power = float(re.search(r"power: ([\d.]+) mW", panel(page).inner_text())[1])
        assert power == pytest.approx(read.synops[frame] / (STEP_MS / 1000) * 1e-8, rel=0.006)
        assert panel(page).locator(".player-row.leads").count() == (0 if digit < 0 else 1)
    # The canvas shows the last frame's tile: as many of its pixels aren't transparent.
    row, column = divmod(frame, player.COLUMNS)
    box = (34 * column, 34 * row, 34 * column + 34, 34 * row + 34)
    tile = Image.open(file.parent / "A.png").convert("RGBA").crop(box)
    seen = page.evaluate("""() => {
        const film = document.querySelector(".player-film");
        const data = film.getContext("2d").getImageData(0, 0, film.width, film.height).data;
        return Array.from(data).filter((value, i) => i % 4 === 3 && value > 0).length;
    }""")
    assert seen == sum(value > 0 for value in tile.getchannel("A").tobytes()) > 0


def test_the_exit_is_marked_and_the_network_stands_still_behind_it(page):
    page.get_by_text("Recording C", exact=True).click()
    shown = panel(page, "C")
    assert shown.get_by_text("stops at 120 ms").is_visible()
    assert float(shown.locator(".player-exit").get_attribute("x1")) == pytest.approx(40)
    assert not panel(page, "A").locator(".player-exit:not([hidden])").count()
    shown.get_by_role("slider", name="Time").focus()
    page.keyboard.press("End")
    assert "stopped after 120 ms: reads 3 (shown: 3)" in shown.inner_text()
    assert "power: stopped" in shown.inner_text()
    cells = shown.locator(".player-row b").all_inner_texts()
    assert [int(cell) for cell in cells] == AT_EXIT.tolist()


def test_recordings_open_by_mouse_by_keyboard_and_by_the_address(page):
    def shown():
        return [name for name in "ABC" if panel(page, name).is_visible()]

    assert shown() == ["A"]
    page.get_by_text("Recording B", exact=True).click()
    assert shown() == ["A", "B"]
    assert "no output spike so far (the digit shown is not known)" in panel(page, "B").inner_text()
    page.keyboard.press("Enter")
    assert shown() == ["A"]
    page.evaluate("location.hash = 'recording-3'")
    wait_until(page, panel(page, "C").is_visible)


def test_no_text_of_a_recording_ends_the_script_element(file):
    """The titles hold `<A>`."""
    html = file.read_text(encoding="utf-8")
    facts = re.findall(r'class="player-live".*?json">(.*?)</script>', html, re.DOTALL)
    assert len(facts) == 3
    assert all("<" not in text and json.loads(text)["title"] == "Recording <A>" for text in facts)
