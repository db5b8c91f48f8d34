"""The page in a browser: on four screens, printed, without scripts, and with its sliders moved."""

import math
import re
from itertools import pairwise

import pytest
from browsing import (
    SCHEMES,
    check_everywhere,
    check_print,
    check_without_script,
    mw_labels,
    needs_chromium,
    opened,
    still_powers,
)
from drawings import save_figures
from pages import CONFIG, make_page, make_recordings, make_tables
from result_tables import (
    make_frames_only_evaluation,
    make_front,
    make_probes,
)

from dvs_snn.report.text import NBSP, percent, significant

pytestmark = [needs_chromium, pytest.mark.long]

BAND = CONFIG["power"]["energy_band_pj"]
HALF_HEIGHT = 450
ROW = 60


@pytest.fixture(scope="module")
def tables():
    made = make_tables()
    return made | {"front": make_front(), "probes": make_probes()}


@pytest.fixture(scope="module")
def file(tables, tmp_path_factory):
    """A page with every chart and every figure."""
    folder = tmp_path_factory.mktemp("page")
    figures, panels = save_figures(folder)
    path = folder / "made-up.html"
    page = make_page(tables=tables, figures=figures, panels={name: panels for name in "ABC"})
    path.write_text(page, encoding="utf-8")
    return path


@pytest.fixture
def found(browser, file):
    with opened(browser, file) as found:
        yield found


@pytest.fixture
def page(found):
    return found.page


# --- on screens, on paper, without scripts --------------------------------------------------------


def test_the_page_holds_in_all_widths_and_on_paper(browser, file):
    check_everywhere(browser, file, SCHEMES)
    check_print(browser, file, "dark")


def test_without_scripts_all_but_the_sliders_is_there(browser, file):
    check_without_script(browser, file)
    check_print(browser, file, script=False)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_answer_stands_on_the_first_screen(browser, file, width):
    with opened(browser, file, width) as found:
        for part in (".tiles", "p.answer"):
            box = found.page.locator(part).first.bounding_box()
            height = found.page.viewport_size["height"]
            assert box["y"] + box["height"] <= height, part


def test_contents_stay_in_sight_where_there_is_room_and_are_folded_elsewhere(browser, file):
    with opened(browser, file, 1280) as found:
        found.page.locator("#trust").scroll_into_view_if_needed()
        box = found.page.locator(".contents").bounding_box()
        assert 0 <= box["y"] < HALF_HEIGHT
        assert found.page.get_by_role("link", name="Published numbers").first.is_visible()
    with opened(browser, file, 390) as found:
        link = found.page.locator(".contents").get_by_role("link", name="Published numbers")
        assert not link.is_visible()
        found.page.locator(".contents summary").click()
        link.click()
        assert found.page.url.endswith("#published")


def test_the_skip_link_leads_to_the_answer(page):
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    assert skip.evaluate("link => link === document.activeElement")
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "answer"


@pytest.mark.parametrize("width", [390, 1280])
def test_the_focus_goes_down_the_page(browser, file, width):
    places = []
    with opened(browser, file, width) as found:
        for _ in range(25):
            found.page.keyboard.press("Tab")
            places.append(
                found.page.evaluate(
                    "(() => { const one = document.activeElement; return [one.closest('main') ? 1 "
                    ": 0, one.getBoundingClientRect().top + scrollY]; })()"
                )
            )
    # Contents and main stand side by side: each is in order, but for what stands in one row.
    for before, after in pairwise(places):
        assert (after[0], after[1] + ROW) >= tuple(before)


# --- the sliders ----------------------------------------------------------------------------------


def chosen_synops_per_s(tables):
    """SynOps per second of the answer: the chosen rows of the test set, means over the seeds."""
    rows = tables["evaluation"]
    rows = rows[(rows["set"] == "test") & (rows["chosen"] == 1)]
    return rows["synops_per_3000_events"].mean() / 3000 * rows["event_rate_hz"].mean()


def tile(page, name):
    """The number of a tile, and the words below it."""
    place = page.locator(".tile").filter(has=page.locator("dt", has_text=re.compile(f"^{name}$")))
    small = place.locator("small")
    return place.locator("strong").text_content(), small.count() and small.text_content()


def check_numbers(page, tables, pj, static):
    """Check the power figures at an energy of a SynOp and a static power against the tables."""
    rate = chosen_synops_per_s(tables)

    def power(at):
        return rate * at * 1e-9 + static

    low, high = map(significant, map(power, BAND))
    band = f"{low}{NBSP}to{NBSP}{high}"
    assert tile(page, "mW") == (significant(power(pj)), band)
    # The network decides after 120 ms.
    assert tile(page, "µJ per decision")[0] == significant(power(pj) * 120)
    answer = page.locator("p.answer").first.text_content()
    assert f"{significant(power(pj))} mW" in answer
    assert band in answer
    assert f"instead of {float(f'{pj:.3g}'):g}{NBSP}pJ" in answer
    # The recordings' powers hold no static power as the study ran: 10 pJ.
    recordings = make_recordings()
    rows = recordings[(recordings["recording"] == "A") & (recordings["chosen"] == 1)]
    table = page.locator("section[aria-labelledby='recordings'] table").first
    shown = column_of(table, "power (mW)")
    assert shown == [significant(mw / 10 * pj + static) for mw in rows["power_mw"]]
    # The front's events come at 20,000 a second.
    labels = mw_labels(page)
    assert len(labels) > 3
    for millions, mw in labels:
        wanted = millions * 1e6 / 3000 * 20_000 * pj * 1e-9 + static
        assert mw == pytest.approx(wanted, rel=0.051)


def column_of(table, heading):
    """The cells of a table in the column of that heading."""
    place = table.locator("thead th").all_text_contents().index(heading)
    return [
        row.locator("th, td").nth(place).text_content() for row in table.locator("tbody tr").all()
    ]


def settled(page):
    """Wait until the charts followed."""
    page.wait_for_timeout(150)


def test_sliders_change_the_numbers(page, tables):
    check_numbers(page, tables, 10, 0)
    for place, static in (("0.3", "0"), ("1.43", "0.25"), ("-1", "1")):
        page.locator("#pj").fill(place)
        page.locator("#static").fill(static)
        settled(page)
        check_numbers(page, tables, 10 ** float(place), float(static))


def test_what_a_budget_buys_follows(page, tables):
    page.locator("#pj").fill("0")
    page.locator("#static").fill("0.25")
    rows = tables["budgets"].query("axis == 'power_mw' and set == 'test' and static_mw == 0")
    caption = "What a budget buys on the set test, static power 0.25"
    table = page.locator("table").filter(has_text=caption)
    # The study took 10 pJ.
    for heading, column in (("power (mW)", "power_mw"), ("budget (mW)", "budget")):
        wanted = [significant(mw / 10 + 0.25) for mw in rows[column]]
        assert column_of(table, heading) == wanted
    assert f"at 1{NBSP}pJ per SynOp" in table.locator("caption").text_content()
    box = page.locator(".scroll").filter(has=table).first
    assert f"at 1{NBSP}pJ per SynOp" in box.get_attribute("aria-label")


def test_energies_of_a_decision_follow(page, tables):
    page.locator("#pj").fill("0")
    page.locator("#static").fill("0.25")
    said = " ".join(page.locator("section[aria-labelledby='cnn'] details").text_content().split())
    rows = tables["costs"].query("kind == 'ours' and set == 'test'")
    for row, static in zip(rows.itertuples(), (0, 0.42), strict=True):
        wanted = significant(((row.power_mw - row.static_mw) / 10 + static) * 120)
        assert f"takes {wanted} µJ" in said
    said = page.locator("section[aria-labelledby='latency'] p").first.text_content()
    exits = tables["exits"].query("set == 'test' and variant == 'plain' and scale == 0.5")
    for lead in (exits["exit"] == 4, exits["exit"].isna()):
        part = exits[lead]
        uj = part["energy_per_decision_uj"].mean() / 10 + 0.25 * part["time_to_exit_ms"].mean()
        assert f"{significant(uj)} µJ" in " ".join(said.split())


def test_powers_of_a_study_without_labels_follow(browser, tmp_path):
    recordings = make_recordings().assign(label=None, correct=None)
    tables = {"evaluation": make_frames_only_evaluation(), "recordings": recordings}
    (tmp_path / "page.html").write_text(make_page(tables=tables), encoding="utf-8")
    # All networks take the same power: 0.0796 mW at scale 2 and 10 pJ.
    mw = recordings.query("recording == 'A' and chosen == 1")["power_mw"].iloc[0]
    with opened(browser, tmp_path / "page.html") as found:
        answer = found.page.locator(".answer p", has_text="Recording A")
        for pj, static in ((10, 0), (1, 0.25)):
            found.page.locator("#pj").fill(str(math.log10(pj)))
            found.page.locator("#static").fill(str(static))
            at = [significant(mw / 10 * one + static) for one in (pj, *BAND)]
            said = " ".join(answer.text_content().split())
            assert f"a power of {at[0]} mW at {pj} pJ per SynOp ({at[1]} to {at[2]} mW at" in said
        assert still_powers(found.page) == []


# --- cursor and tooltips --------------------------------------------------------------------------


def stops(tables):
    """The points along the front of the first set, cheapest first."""
    front = tables["front"]
    rows = front[(front["on_front"] == 1) & front["seed"].isna() & front["exit"].isna()]
    rows = rows[rows["set"] == "test"].sort_values("synops_per_3000_events")
    return rows.reset_index(drop=True)


def test_the_cursor_along_the_front_tells_each_point(page, tables):
    wanted = stops(tables)
    cursor = page.locator("#cursor")
    assert len(wanted) == int(cursor.get_attribute("max")) + 1 > 3
    cursor.fill("0")
    page.locator("#static").fill("0.5")
    for place, row in wanted.iterrows():
        words = page.locator("#cursor-words").text_content()
        assert words.startswith(f"{row['method']}, ")
        assert f"reads {percent(row['accuracy'])} of test" in words
        assert words.endswith(f": {significant(row['power_mw'] + 0.5)} mW.")
        assert cursor.get_attribute("aria-valuetext") in words.replace(": ", ", ")
        ring = page.evaluate("""() => [...document.querySelectorAll("#chart-front path")]
            .map(path => path.__data__?.datum).find(datum => datum?.cost && !datum.method)""")
        assert ring["cost"] == pytest.approx(row["synops_per_3000_events"])
        cursor.focus()
        page.keyboard.press("ArrowRight")
        settled(page)
        assert cursor.input_value() == str(min(place + 1, len(wanted) - 1))


def test_hovering_a_point_tells_it(page, tables):
    front = tables["front"]
    chosen = front[(front["chosen"] == 1) & front["seed"].isna() & (front["set"] == "test")]
    assert page.locator(".tip").is_hidden()
    page.locator("#chart-front").scroll_into_view_if_needed()
    marks = page.evaluate("""() => [...document.querySelectorAll("#chart-front .mark-symbol path")]
        .filter(path => path.__data__?.datum?.words && path.__data__.size > 200)
        .map(path => {
            const box = path.getBoundingClientRect();
            const at = [box.x + box.width / 2, box.y + box.height / 2];
            return [path.__data__.datum, ...at];
        })""")
    told = []
    for datum, x, y in marks:
        page.mouse.move(x, y)
        page.wait_for_timeout(50)
        assert page.locator(".tip").is_visible(), datum["words"]
        told.append(page.locator(".tip").text_content())
    for row in chosen.itertuples():
        wanted = (
            f"{100 * row.accuracy:.1f} % right ({100 * row.accuracy_low:.1f} % to "
            f"{100 * row.accuracy_high:.1f} %, n = {row.n_symbols:g}) with "
            f"{row.synops_per_3000_events / 1e6:.3g} M SynOps per 3,000 events"
        )
        assert [text for text in told if text.startswith(row.method) and wanted in text], wanted
    page.mouse.move(5, 5)
    assert page.locator(".tip").is_hidden()
