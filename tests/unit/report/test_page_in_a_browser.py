"""The page in a browser: on four screens, printed, without scripts, its sliders and its player."""

import json
import re

import pytest
from browsing import (
    OPEN_ALL,
    SCHEMES,
    check_everywhere,
    check_print,
    check_without_script,
    needs_chromium,
    opened,
    uj_labels,
)
from drawings import STEP_MS, make_events, make_reading, save_figures
from pages import CONFIG, make_choice, make_page, make_recordings, make_tables
from PIL import Image
from result_tables import make_evaluation, make_front, make_predictions, make_probes

from dvs_snn.report import player
from dvs_snn.report.text import NBSP, significant

pytestmark = [needs_chromium, pytest.mark.long]

BAND = CONFIG["power"]["energy_band_pj"]
SILENT = make_reading(label=None, silent=True)
READINGS = {"A": make_reading(), "B": SILENT, "C": make_reading()}


@pytest.fixture(scope="module")
def tables():
    more = {"front": make_front(), "predictions": make_predictions(), "probes": make_probes()}
    methods = {"plain": "rescaled", "lean": "synop-loss"}
    evaluation = make_evaluation(tuple(methods), methods=methods)
    return make_tables(evaluation=evaluation, choice=make_choice()) | more


@pytest.fixture(scope="module")
def file(tables, tmp_path_factory):
    """A page with every chart and figure, and three recordings, one of a silent network."""
    folder = tmp_path_factory.mktemp("page")
    figures, of_recording = save_figures(folder)
    panels = {}
    for name, read in READINGS.items():
        files = {"film": folder / f"{name}.png", "player": folder / f"{name}.json"}
        player.save_film(player.film_counts(make_events(), 10_000, 30), files["film"])
        facts = {"title": read.title, "caption": "Events, spikes and power.", "tile": [34, 34]}
        facts |= {"columns": player.COLUMNS, **player.frame_facts(read, 1)}
        files["player"].write_text(json.dumps(facts), encoding="utf-8")
        panels[name] = of_recording | files
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


def test_without_scripts_all_but_the_sliders_is_there(browser, file):
    check_without_script(browser, file)
    check_print(browser, file, script=False)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_answer_stands_on_the_first_screen(browser, file, width):
    with opened(browser, file, width) as reader:
        for part in (".tiles", "p.answer"):
            box = reader.page.locator(part).first.bounding_box()
            height = reader.page.viewport_size["height"]
            assert box["y"] + box["height"] <= height, part


def panel(page, name="A"):
    return page.get_by_role("tabpanel", name=name, exact=True)


# --- the sliders ----------------------------------------------------------------------------------


def tile(page, name):
    """The number of a tile, and the words below it."""
    place = page.locator(".tile").filter(has=page.locator("dt", has_text=re.compile(f"^{name}$")))
    small = place.locator("small")
    return place.locator("strong").text_content(), small.count() and small.text_content()


def column_of(table, heading):
    """The cells of a table in the column of that heading."""
    place = table.locator("thead th").all_text_contents().index(heading)
    return [
        row.locator("th, td").nth(place).text_content() for row in table.locator("tbody tr").all()
    ]


def settled(page):
    """Wait until the charts followed."""
    page.wait_for_timeout(150)


@pytest.mark.parametrize(("place", "static"), [(None, 0), ("1.43", 0.25), ("-1", 1)])
def test_sliders_change_the_numbers(page, tables, place, static):
    if place:
        page.locator("#pj").fill(place)
        page.locator("#static").fill(str(static))
        settled(page)
    pj = 10 ** float(place or 1)
    # The answer is early exit's point on the test set, mean over the seeds.
    chosen = tables["front"].query("set == 'test' and chosen == 1 and method == 'early-exit'")
    lead = chosen[chosen["seed"].isna()].iloc[0]

    def energy(at):
        return lead["synops_per_reading"] * at * 1e-6 + static * lead["time_to_exit_ms"]

    low, high = map(significant, map(energy, BAND))
    band = f"{low}{NBSP}to{NBSP}{high}"
    assert tile(page, "µJ a reading") == (significant(energy(pj)), band)
    assert tile(page, "mW while it reads")[0] == significant(energy(pj) / lead["time_to_exit_ms"])
    answer = page.locator("p.answer").first.text_content()
    for words in (f"{significant(energy(pj))} µJ", band, f"instead of {pj:.3g}{NBSP}pJ"):
        assert words in answer
    # The recordings' powers hold no static power as the study ran: 10 pJ.
    recordings = make_recordings().query("recording == 'A' and chosen == 1")
    table = page.locator("section[aria-labelledby='recordings'] table").first
    shown = [significant(mw / 10 * pj + static) for mw in recordings["power_mw"]]
    assert column_of(table, "power (mW)") == shown
    mean = float(re.search(r"mean ([\d.]+)", panel(page).inner_text())[1])
    mean_power = READINGS["A"].synops.sum() / 0.3 * pj * 1e-9 + static
    assert mean == pytest.approx(mean_power, rel=0.006)
    # A reading of the front has 6,000 events.
    labels = uj_labels(page)
    assert len(labels) > 3
    for millions, uj in labels:
        assert uj == pytest.approx(2 * millions * pj, rel=0.051)


def test_what_a_budget_buys_stays(page, tables):
    table = page.locator("table").filter(has_text="What a budget of energy buys on the set test")
    before = table.text_content()
    page.locator("#pj").fill("0")
    page.locator("#static").fill("0.25")
    assert table.text_content() == before
    assert f"at 10{NBSP}pJ per SynOp" in before


def test_energies_of_a_reading_follow_but_for_a_static_power_of_its_own(page, tables):
    page.locator("#pj").fill("0")
    page.locator("#static").fill("0.25")
    said = " ".join(page.locator("section[aria-labelledby='cnn'] details").text_content().split())
    rows = tables["costs"].query("kind == 'ours' and set == 'test'")
    assert len(rows)
    for row in rows.itertuples():
        wanted = row.synops_per_reading * 1e-6 + row.static_mw * row.time_to_exit_ms
        assert f"takes {significant(wanted)} µJ" in said


@pytest.mark.parametrize(("chart", "smallest"), [("front", 200), ("confusion", 0), ("probes", 0)])
def test_hovering_a_mark_tells_it(page, chart, smallest):
    """Of the front's marks the large ones, which no other hides."""
    page.evaluate(OPEN_ALL)
    place = page.locator(f"#chart-{chart}")
    place.scroll_into_view_if_needed()
    assert page.locator(".tip").is_hidden()
    marks = place.evaluate(
        """(chart, smallest) => [...chart.querySelectorAll(":is(.mark-symbol, .mark-rect) path")]
        .filter(path => path.__data__?.datum?.words && (path.__data__.size ?? 999) > smallest)
        .map(path => {
            const box = path.getBoundingClientRect();
            return [path.__data__.datum.words, box.x + box.width / 2, box.y + box.height / 2];
        })""",
        smallest,
    )
    assert len(marks) > 3
    told = []
    for _, x, y in marks[:40]:
        page.mouse.move(x, y)
        page.wait_for_timeout(50)
        assert page.locator(".tip").is_visible()
        told.append(page.locator(".tip").text_content())
    # One mark may lie upon another.
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


def test_it_plays_once_by_itself_and_stops_at_the_end(browser, file):
    with opened(browser, file) as reader:
        panel(reader.page).locator(".player.alive").scroll_into_view_if_needed()
        reader.page.get_by_role("button", name="Pause").wait_for()
        reader.page.get_by_role("button", name="Play").wait_for(timeout=15_000)
        for _ in range(2):
            assert clock(reader.page) == "300 of 300 ms"
            reader.page.wait_for_timeout(300)
        assert spike_counts(reader.page) == READINGS["A"].spikes.sum(axis=0).tolist()
        assert reader.is_silent()


def test_with_reduced_motion_it_starts_still_plays_when_asked_and_pauses(page):
    panel(page).locator(".player.alive").scroll_into_view_if_needed()
    page.wait_for_timeout(600)
    assert clock(page) == "10 of 300 ms"
    page.get_by_role("button", name="Play").press("Enter")
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


def test_tabs_switch_by_arrow_keys_and_by_mouse(page):
    def chosen():
        shown = [name for name in "ABC" if panel(page, name).is_visible()]
        tab = page.locator("[role=tab][aria-selected=true]")
        assert tab.all_inner_texts() == shown
        assert page.locator("[role=tab][tabindex='0']").count() == 1
        return shown

    assert chosen() == ["A"]
    page.get_by_role("tab", name="A").focus()
    keys = ("ArrowRight", "ArrowLeft", "ArrowLeft", "Home", "End", "ArrowRight")
    for key, name in zip(keys, "BACACA", strict=True):
        page.keyboard.press(key)
        assert chosen() == [name]
        assert page.evaluate("document.activeElement.textContent") == name
    page.get_by_role("tab", name="B").click()
    assert chosen() == ["B"]
    assert "no output spike so far (the digit shown is not known)" in panel(page, "B").inner_text()
    page.evaluate("location.hash = 'recording-3'")
    wait_until(page, panel(page, "C").is_visible)
    assert chosen() == ["C"]


def test_no_text_of_a_recording_ends_the_script_element(file):
    """The titles hold `<A>`."""
    html = file.read_text(encoding="utf-8")
    facts = re.findall(r'class="player-live".*?json">(.*?)</script>', html, re.DOTALL)
    assert len(facts) == 3
    assert all("<" not in text and json.loads(text)["title"] == "Recording <A>" for text in facts)
