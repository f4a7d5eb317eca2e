"""Keys, zoom, single leads, calipers, and hiding the colour."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import drawn, hide_colour, to_vote
from .small_study import paper


def geometry() -> dict[str, Any]:
    """Geometry of the first turn's sheet."""
    return dict(paper(0, "full").geometry)


def looked_at(page: Page) -> int:
    """Number of the map on the large sheet, 0 for none or while the colour is hidden."""
    page.wait_for_selector("[data-vote].drawn", state="attached")
    return page.evaluate(
        "document.querySelector('[data-vote]').matches('.bare') ? 0 : "
        "Number(document.querySelector('.stage').dataset.map)"
    )


def seen(page: Page) -> list[list[float]]:
    """Left, top and width in mm of what each canvas shows: the large sheet, then the tiles."""
    page.wait_for_selector("[data-vote].drawn", state="attached")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    views = page.locator("canvas").evaluate_all("all => all.map((each) => each.dataset.seen)")
    return [[float(each) for each in view.split(" ")] for view in views]


def holds(view: list[float], cell: dict[str, Any]) -> bool:
    """Whether a view holds the whole trace of a lead, and little beside it."""
    left, _, width = view
    wide = cell["right"] - cell["left"]
    return left <= cell["left"] and cell["right"] <= left + width < cell["right"] + wide


def test_keys_look_choose_and_hide(open_page, small):
    page = open_page(small, "ann")
    # The ECG is shown without a map first: none is favoured by being seen before the others.
    assert looked_at(page) == 0
    page.keyboard.press("3")
    assert looked_at(page) == 3
    page.keyboard.press("ArrowLeft")
    assert looked_at(page) == 2
    expect(page.get_by_role("radio", name="Map 2")).to_be_checked()
    page.keyboard.press("ArrowDown")
    assert looked_at(page) == 4
    hide_colour(page)
    assert looked_at(page) == 0
    page.keyboard.press("h")
    assert looked_at(page) == 4
    page.keyboard.press("0")
    assert looked_at(page) == 0
    expect(page.get_by_role("button", name="Vote: None is useful")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("4 is near 1")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_url("**/vote/2")
    vote = small.storage.vote_on("ann", 1)
    assert vote
    assert (vote.position, vote.comment) == (0, "4 is near 1")


def test_the_sign_is_shown_on_demand_and_for_the_session(open_page, small):
    page = open_page(small, "ann")
    button = page.get_by_role("button", name="Sign")
    drawn(page)
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_text("weaker")).to_be_visible()
    before = page.locator(".tile canvas").first.screenshot()
    page.keyboard.press("s")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("raises the output")).to_be_visible()
    expect(page.get_by_text("weaker")).to_be_hidden()
    drawn(page)
    assert page.locator(".tile canvas").first.screenshot() != before
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
    while page.locator("[data-vote]").get_attribute("data-view") != "averaged":
        to_vote(page, "1")
    drawn(page)  # the mean over leads has no sign
    expect(button).to_have_count(0)
    expect(page.get_by_text("weaker")).to_be_visible()
    page.keyboard.press("s")
    another = open_page(small, "bob")
    drawn(another)
    expect(another.get_by_role("button", name="Sign")).to_have_attribute("aria-pressed", "false")


def test_tiles_show_one_lead_until_all_are_asked_for(open_page, small):
    page = open_page(small, "ann")
    cells = {each["name"]: each for each in geometry()["cells"]}
    stage, *tiles = seen(page)
    assert stage == [0.0, 0.0, geometry()["width_mm"]]
    assert len(tiles) == 4
    assert all(tile == tiles[0] and holds(tile, cells["II"]) for tile in tiles)
    page.keyboard.press("a")
    assert all(tile[2] >= geometry()["width_mm"] for tile in seen(page)[1:])
    page.keyboard.press("a")
    page.keyboard.press("l")
    page.keyboard.press("l")
    expect(page.locator("[data-lead]")).to_have_value("aVR")
    assert all(holds(view, cells["aVR"]) for view in seen(page))
    page.keyboard.press("Escape")
    assert seen(page) == [stage, *tiles]


def test_zoom_is_the_same_on_all_sheets(open_page, small):
    page = open_page(small, "ann")
    whole, *_ = seen(page)
    page.keyboard.press("z")
    stage, *tiles = seen(page)
    assert stage[2] < whole[2] / 2
    middle = stage[0] + stage[2] / 2
    assert [tile[0] + tile[2] / 2 for tile in tiles] == pytest.approx([middle] * 4, abs=0.01)
    page.keyboard.press("z")
    assert seen(page)[0] == whole


def test_the_maps_of_a_decided_page_can_be_looked_at(open_page, small):
    page = open_page(small, "ann")
    to_vote(page, "3")
    page.goto(f"{small.address}/vote/1")
    assert looked_at(page) == 3
    page.keyboard.press("2")
    assert looked_at(page) == 2
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert looked_at(page) == 4
    page.locator(".tile").first.click(force=True)  # Playwright waits for the closed radio button
    assert looked_at(page) == 1
    expect(page.get_by_role("radio", name="Map 3")).to_be_checked()


def test_calipers_measure_what_was_dragged(open_page, small):
    page = open_page(small, "ann")
    page.keyboard.press("c")
    box = page.locator(".stage canvas").bounding_box()
    assert box
    pixels = box["width"] / geometry()["width_mm"]
    page.mouse.move(box["x"] + 40 * pixels, box["y"] + 30 * pixels)
    page.mouse.down()
    page.mouse.move(box["x"] + 50 * pixels, box["y"] + 20 * pixels, steps=3)
    page.mouse.up()
    said = page.locator("[data-readout]")
    ms, mv, rate = (float(part.split()[0]) for part in said.inner_text().split(" · "))
    # 10 mm: 400 ms and 1 mV; a pixel is about 8 ms.
    assert (ms, mv) == (pytest.approx(400, abs=9), pytest.approx(1.0, abs=0.03))
    assert rate == pytest.approx(60000 / ms, abs=1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    after = [float(part.split()[0]) for part in said.inner_text().split(" · ")]
    assert after[:2] == [pytest.approx(ms + 2, abs=1), pytest.approx(mv + 0.2, abs=0.011)]
    page.keyboard.press("Escape")
    expect(said).to_be_hidden()


@pytest.mark.parametrize(("task", "key", "kept"), [("rate", "4", (1, 4)), ("pair", "2", (2, 0))])
def test_other_tasks_go_by_keys_as_well(open_page, serve_small, task, key, kept):
    second = {"second": "How sure?", "second_answers": ("sure", "not sure"), "prediction": True}
    study = serve_small(task=task, **second)
    page = open_page(study, "ann")
    drawn(page)
    for press in (key, "q", "q", "Enter"):
        page.keyboard.press(press)
    page.wait_for_url("**/vote/2")
    expect(page.get_by_text("network: 172 ms")).to_be_visible()
    vote = study.storage.vote_on("ann", 1)
    assert vote
    assert ((vote.position, vote.rating), vote.second) == (kept, "not sure")


def test_arrows_in_the_second_question_change_no_map(open_page, serve_small):
    study = serve_small(second="How sure?", second_answers=("sure", "not sure"))
    page = open_page(study, "ann")
    drawn(page)
    page.keyboard.press("3")
    page.get_by_role("radio", name="sure", exact=True).click()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="not sure")).to_be_checked()
    expect(page.get_by_role("radio", name="Map 3")).to_be_checked()
    page.keyboard.press("2")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Map 3")).to_be_checked()
    expect(page.get_by_role("group", name="Tools")).to_be_visible()


def test_help_opens_by_its_key_and_single_keys_can_be_switched_off(open_page, small):
    page = open_page(small, "ann")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    dialog.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    assert looked_at(page) == 0
    page.reload()
    drawn(page)
    page.keyboard.press("2")
    assert looked_at(page) == 0


def test_light_and_dark_follow_the_system_until_chosen(open_page, small):
    page = open_page(small, "ann", color_scheme="dark")
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    page.emulate_media(color_scheme="light")
    expect(root).to_have_attribute("data-theme", "light")
    page.get_by_role("button", name="Dark").click()
    page.reload()
    expect(root).to_have_attribute("data-theme", "dark")
