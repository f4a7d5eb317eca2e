"""Phones, tablets, and findings of axe-core on every page in light and dark mode."""

from dataclasses import replace

import pytest
from ecglens_study import Experts, analyse, import_study, simulate, uneven, write_study, write_votes
from ecglens_study.storage.voting import Vote
from playwright.sync_api import Page, expect

from tests.axe import findings

from .conftest import drawn, fetched, to_vote

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
TABLET = {"viewport": {"width": 820, "height": 1180}, "has_touch": True, "is_mobile": True}
LEAST_PX = 44
TARGETS = "button, a, select, .tile, .answer, summary, .tick"


def small_targets(page: Page) -> list[str]:
    """Touch targets that are too small."""
    return page.evaluate(
        """([targets, least]) => [...document.querySelectorAll(targets)]
          .filter((each) => each.checkVisibility() && !each.matches(".skip"))
          .filter((each) => { const storage = each.getBoundingClientRect();
                              return Math.min(storage.width, storage.height) < least - 0.5; })
          .map((each) => each.outerHTML.slice(0, 90))""",
        [TARGETS, LEAST_PX],
    )


def overhang(page: Page) -> int:
    """Width of the page beyond the screen, in pixels."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


@pytest.mark.parametrize("screen", [PHONE, TABLET], ids=["phone", "tablet"])
def test_fingers_vote_on_small_screens(open_page, small, screen):
    page = open_page(small, "ann", **screen)
    drawn(page)
    fetched(page)
    assert overhang(page) <= 0
    assert small_targets(page) == []
    if screen is PHONE:  # one map at a time
        page.get_by_role("button", name="Next map").tap()
        expect(page.get_by_text("Map 2 of 4")).to_be_visible()
        page.get_by_role("button", name="Next map").tap()
        expect(page.get_by_text("Map 3 of 4")).to_be_visible()
    page.locator(".tile").nth(2).tap()
    page.get_by_role("button", name="Calipers").tap()
    page.get_by_role("button", name="Vote: Map 3").tap()
    page.wait_for_url("**/vote/2")
    fetched(page)
    page.get_by_role("button", name="Undo").tap()
    page.wait_for_url("**/vote/1")
    assert small.storage.next_turn("ann") == 1


def test_keys_are_named_only_beside_a_keyboard(open_page, small):
    keys, desk, phone = "kbd, .keyed", open_page(small, "ann"), open_page(small, "bob", **PHONE)

    def seen(page: Page) -> list[str]:
        """Names of keys that a page shows."""
        return [each.inner_text() for each in page.locator(keys).all() if each.is_visible()]

    for path in ("vote", "help"):
        for page in (desk, phone):
            page.goto(f"{small.address}/{path}")
        assert len(seen(desk)) > 5
        assert seen(phone) == []
    phone.goto(f"{small.address}/vote")
    drawn(phone)
    phone.get_by_role("link", name="Help").tap()
    assert phone.get_by_role("link", name="More help").is_visible()
    assert seen(phone) == []
    phone.keyboard.press("Escape")
    phone.keyboard.press("2")  # a keyboard beside it
    assert len(seen(phone)) > 5


def test_a_phone_shows_the_chosen_map_of_a_decided_page(open_page, small):
    page = open_page(small, "ann", **PHONE)
    to_vote(page, "3")
    page.goto(f"{small.address}/vote/1")
    expect(page.get_by_text("Map 3 of 4")).to_be_visible()
    page.get_by_role("button", name="Next map").tap()
    expect(page.locator(".stage")).to_have_attribute("data-map", "4")


def test_a_turned_phone_shows_the_map_that_is_voted_for(open_page, small):
    page = open_page(small, "ann", **PHONE | {"viewport": {"width": 844, "height": 390}})
    drawn(page)
    page.locator(".tile").nth(2).tap()
    page.set_viewport_size(PHONE["viewport"])
    expect(page.get_by_text("Map 3 of 4")).to_be_visible()
    expect(page.get_by_role("button", name="Vote: Map 3")).to_be_visible()


@pytest.mark.parametrize("view", ["full", "averaged"])
def test_a_phone_shows_the_large_sheet_for_calipers_and_zoom(open_page, small, view):
    page = open_page(small, "ann", **PHONE)
    while page.locator("[data-vote]").get_attribute("data-view") != view:
        to_vote(page, "1")
    page.wait_for_selector("[data-vote].drawn", state="attached")
    stage, calipers = page.locator(".stage"), page.get_by_role("button", name="Calipers")
    expect(stage).to_be_hidden()
    calipers.tap()
    expect(stage).to_be_in_viewport(ratio=0.9)
    expect(page.get_by_text("200 ms")).to_be_visible()
    calipers.tap()
    expect(stage).to_be_hidden()
    canvas = page.locator(".stage canvas")
    whole = canvas.get_attribute("data-seen")
    page.get_by_role("button", name="Zoom in").tap()
    expect(stage).to_be_in_viewport(ratio=0.9)
    expect(canvas).not_to_have_attribute("data-seen", whole or "")
    before = canvas.get_attribute("data-seen")
    box = stage.bounding_box()
    assert box
    page.mouse.move(box["x"] + 200, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 60, steps=3)
    page.mouse.up()
    expect(canvas).not_to_have_attribute("data-seen", before or "")
    page.get_by_role("button", name="Whole").tap()
    expect(stage).to_be_hidden()


def test_a_turned_tablet_gets_the_tiles_of_its_width(open_page, small):
    page = open_page(small, "ann", **TABLET)
    tile = page.locator(".tile").first
    wide = "document.querySelector('.tiles').style.getPropertyValue('--columns') !== ''"
    upright = tile.bounding_box()
    page.set_viewport_size({"width": 1180, "height": 820})
    page.wait_for_function(f"() => {wide}")
    assert tile.bounding_box() != upright
    page.set_viewport_size(TABLET["viewport"])
    page.wait_for_function(f"() => !({wide})")
    assert tile.bounding_box() == upright


SECOND = {
    "second": "What does the map stress?",
    "second_answers": ("P wave", "QRS", "T wave", "none of them"),
    "prediction": True,
}


@pytest.mark.parametrize("task", ["pick", "pair", "rate"])
@pytest.mark.parametrize("asked", [{}, SECOND], ids=["one question", "two"])
@pytest.mark.parametrize("size", [(1024, 768), (1366, 768), (1440, 900)])
def test_practice_with_its_button_is_no_higher_than_the_screen(
    open_page, serve_small, task, asked, size
):
    screen = {"width": size[0], "height": size[1]}
    page = open_page(serve_small(task=task, practice=2, **asked), "ann", viewport=screen)
    for turn in (1, 2):
        page.wait_for_selector("[data-vote].drawn", state="attached")
        expect(page.get_by_text("Last practice item")).to_have_count(turn - 1)
        button = page.locator("[data-cast]").bounding_box()
        assert button
        assert button["y"] + button["height"] <= size[1]
        assert page.evaluate("document.documentElement.scrollHeight") <= size[1]
        to_vote(page, "2")


@pytest.mark.parametrize(
    ("scheme", "screen"),
    [("light", {}), ("dark", {}), ("light", PHONE)],
    ids=["light", "dark", "phone"],
)
def test_axe_finds_nothing_on_any_page(open_page, small, scheme, screen):
    page = open_page(small, "ann", agree=False, color_scheme=scheme, **screen)
    found = {"consent": findings(page)}
    small.storage.consent("ann")
    page.goto(f"{small.address}/vote")
    drawn(page)
    page.keyboard.press("2")
    found["strength"] = findings(page)
    page.keyboard.press("s")
    page.keyboard.press("c")
    found["vote"] = findings(page)
    page.keyboard.press("?")
    found["keys"] = findings(page)
    while order := small.storage.next_turn("ann"):
        small.storage.vote("ann", order, Vote(position=1))
    for name in ("vote/1", "help", "guess"):
        page.goto(f"{small.address}/{name}")
        found[name] = findings(page)
    small.storage.finish("ann")
    page.goto(f"{small.address}/guess")
    found["names"] = findings(page)
    small.storage.guess("ann", dict.fromkeys("1234", "unknown"))
    page.goto(f"{small.address}/done")
    found["done"] = findings(page)
    page.goto(f"{small.address}/enter/nobody")
    found["message"] = findings(page)
    boss = open_page(small, "organiser", color_scheme=scheme)
    boss.get_by_label("Name of a new expert").fill("cleo")
    boss.get_by_role("button", name="Invite").click()
    expect(boss.get_by_role("heading", name="Link for cleo")).to_be_visible()
    boss.get_by_text("Revoke", exact=True).first.click()
    found["organiser"] = findings(boss)
    boss.get_by_role("button", name="Lock the study").click()
    expect(boss.get_by_role("heading", name="The study is locked")).to_be_visible()
    found["locked"] = findings(boss)
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page_of_an_analysis(browser, tmp_path, scheme):
    methods = ["saliency", "smoothgrad", "deeplift"]
    guesses = tmp_path / "guesses.csv"
    guesses.write_text("expert,method,guess\na,saliency,saliency\na,deeplift,unknown\n", "utf-8")
    votes = simulate(Experts(3, uneven(methods), 0.4, 0.7), 6, ["pr"], ["full", "averaged"], seed=0)
    study = import_study(
        write_votes(votes, tmp_path / "votes.csv"), tmp_path / "study", methods, guesses
    )
    # An open study has a note, under the first heading after the title.
    written = write_study(analyse(replace(study, open=True)), tmp_path / "page")
    page = browser.new_page(color_scheme=scheme)
    page.goto(written.as_uri())
    headings = ("Limits", "Votes", "Agreement", "Rater behaviour", "Blinding")
    assert [*headings] == page.get_by_role("heading", level=2).all_inner_texts()
    assert findings(page) == []
    page.close()


def test_the_organisers_page_is_no_wider_than_a_phone(open_page, small):
    small.storage.invite("ann")
    page = open_page(small, "organiser", **PHONE)
    page.goto(f"{small.address}/organiser")
    assert page.get_by_role("heading", name="Experts").is_visible()
    assert overhang(page) <= 0
