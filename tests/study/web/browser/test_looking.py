"""Keys, zoom, single leads, calipers, and hiding the colour."""

import math
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .small_study import paper


def geometry() -> dict[str, Any]:
    """Geometry of the first turn's sheet."""
    return dict(paper(0, "full").geometry)


def looked_at(page: Page) -> list[int]:
    """Numbers of the maps that are visible on the large sheet."""
    shown = page.locator(".stage .heat").evaluate_all(
        "all => all.map((each, place) => each.checkVisibility({visibilityProperty: true}) ? place + 1 : 0)"  # noqa: E501
    )
    return [number for number in shown if number]


def share(page: Page) -> float:
    """Width of the sheet relative to the frame."""
    width = "each => each.getBoundingClientRect().width"
    return page.locator(".stage .paper").evaluate(width) / page.locator(".stage").evaluate(width)


def test_keys_look_choose_and_hide(open_page, small):
    page = open_page(small, "ann")
    # The ECG is shown without a map first: none is favoured by being seen before the others.
    assert looked_at(page) == []
    page.keyboard.press("3")
    assert looked_at(page) == [3]
    page.keyboard.press("ArrowLeft")
    assert looked_at(page) == [2]
    expect(page.get_by_role("radio", name="Map 2")).to_be_checked()
    page.keyboard.press("ArrowDown")
    assert looked_at(page) == [4]
    page.keyboard.press("h")
    assert looked_at(page) == []
    page.keyboard.press("h")
    assert looked_at(page) == [4]
    page.keyboard.press("0")
    assert looked_at(page) == []
    expect(page.get_by_role("button", name="Vote: None is useful")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("4 is near 1")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_url("**/vote/2")
    vote = small.storage.vote_on("ann", 1)
    assert vote
    assert (vote.position, vote.comment) == (0, "4 is near 1")


def test_zoom_and_single_leads_are_the_same_on_all_sheets(open_page, small):
    page = open_page(small, "ann")
    assert math.isclose(share(page), 1.0, rel_tol=0.01)
    page.keyboard.press("z")
    assert share(page) > 2
    page.keyboard.press("z")
    assert math.isclose(share(page), 1.0, rel_tol=0.01)
    page.keyboard.press("l")
    page.keyboard.press("l")
    expect(page.locator("[data-lead]")).to_have_value("aVR")
    cell = next(each for each in geometry()["cells"] if each["name"] == "aVR")
    middle = page.evaluate(
        """([across, down, of]) => {
          const storage = document.querySelector(".stage").getBoundingClientRect();
          const paper = document.querySelector(".stage .paper").getBoundingClientRect();
          return [(paper.left + across / of * paper.width - storage.left) / storage.width,
                  (paper.top + down / of * paper.width - storage.top) / storage.height];
        }""",
        [
            (cell["left"] + cell["right"]) / 2,
            (cell["top"] + cell["bottom"]) / 2,
            geometry()["width_mm"],
        ],
    )
    assert middle == pytest.approx([0.5, 0.5], abs=0.01)
    widths = page.locator(".paper").evaluate_all(
        "all => all.map((each) => each.offsetWidth / each.parentElement.clientWidth)"
    )
    assert widths == pytest.approx([widths[0]] * 5, rel=0.03)
    page.keyboard.press("Escape")
    assert math.isclose(share(page), 1.0, rel_tol=0.01)


def test_calipers_measure_what_was_dragged(open_page, small):
    page = open_page(small, "ann")
    page.keyboard.press("c")
    box = page.locator(".stage .paper").bounding_box()
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
    for press in (key, "q", "q", "Enter"):
        page.keyboard.press(press)
    page.wait_for_url("**/vote/2")
    expect(page.get_by_text("network: 172 ms")).to_be_visible()
    vote = study.storage.vote_on("ann", 1)
    assert vote
    assert ((vote.position, vote.rating), vote.second) == (kept, "not sure")


def test_help_opens_by_its_key_and_single_keys_can_be_switched_off(open_page, small):
    page = open_page(small, "ann")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    dialog.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    assert looked_at(page) == []
    page.reload()
    page.keyboard.press("2")
    assert looked_at(page) == []


def test_light_and_dark_follow_the_system_until_chosen(open_page, small):
    page = open_page(small, "ann", color_scheme="dark")
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    page.emulate_media(color_scheme="light")
    expect(root).to_have_attribute("data-theme", "light")
    page.get_by_role("button", name="Dark").click()
    page.reload()
    expect(root).to_have_attribute("data-theme", "dark")
