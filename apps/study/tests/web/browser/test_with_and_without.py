"""A page of task judge looks the same with and without the map, but for the colour."""

import io

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from tests.axe import findings

from .conftest import drawn
from .test_screens import PHONE, overhang, small_targets


def coloured(page: Page) -> bool:
    """True if the sheet has pixels of the map: blue, which paper, grid and ink lack."""
    page.mouse.move(0, 0)
    shown = Image.open(io.BytesIO(page.locator(".stage canvas").screenshot())).convert("RGB")
    red, _, blue = np.moveaxis(np.asarray(shown).astype(int), -1, 0)
    return bool((blue > red + 60).sum() > 20)


def test_a_reader_answers_with_and_without_the_map(open_page, judging):
    study, _ = judging
    page = open_page(study, "ann")
    places: dict[int, list[dict[str, float]]] = {}
    for turn in range(1, 11):  # practice, and both periods
        drawn(page)
        shown = page.locator("[data-vote]").get_attribute("data-shown") == "1"
        assert coloured(page) == shown
        asked = "With the map" if shown else "Without the map"
        expect(page.get_by_text(f"{asked}: is the network’s reading right")).to_be_visible()
        box = page.locator(".stage").bounding_box()
        assert box
        places.setdefault(study.storage.turn("ann", turn).item, []).append(dict(box))
        if turn == 1:  # arrows within the second question leave the first one alone
            page.locator("[name=second]").first.check()
            page.keyboard.press("ArrowDown")
            expect(page.locator("[name=second]").last).to_be_checked()
            expect(page.locator("[name=position]:checked")).to_have_count(0)
            expect(page.locator("kbd").filter(has_text="Q")).to_have_count(2)  # there, and in help
        if turn in (3, 7):
            assert findings(page) == []
            page.set_viewport_size(PHONE["viewport"])
            assert overhang(page) <= 0
            assert small_targets(page) == []
            page.set_viewport_size({"width": 1366, "height": 768})
        page.keyboard.press("h")  # nothing to hide without the map
        page.keyboard.press("0" if turn % 2 else "1")
        page.keyboard.press("Enter")
        expect(page.locator("[data-said]")).to_have_text(
            "Say whether the reading is right, and how sure you are"
        )
        page.keyboard.press("q")
        page.keyboard.press("q")
        page.keyboard.press("Enter")
        if turn == 6:
            expect(
                page.get_by_role("heading", name="A pause between the two parts")
            ).to_be_visible()
            page.get_by_role("link", name="Go on without the pause").click()
        page.wait_for_url(f"**/vote/{turn + 1}" if turn < 10 else "**/done")
    judged = study.storage.judgements()
    assert {*judged["confidence"]} == {60}
    assert judged["answer"].tolist() == ["wrong", "right"] * 4
    assert (judged["seconds"] > 0).all()
    both = [each for each in places.values() if len(each) == 2]
    assert len(both) == 4
    assert all(one == other for one, other in both)  # an ECG has its place and size in both arms
