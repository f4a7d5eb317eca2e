"""Undo, back, double clicks, two tabs and invalid links lose nothing and count nothing twice."""

import sqlite3
from contextlib import closing
from urllib.parse import parse_qs

from playwright.sync_api import expect

from .conftest import drawn, fetched, to_vote


def votes(study, expert: str = "ann") -> list[int]:
    """Positions of the counted votes, practice included."""
    found = (study.storage.vote_on(expert, order) for order in range(1, 5))
    return [vote.position for vote in found if vote]


def test_undo_takes_the_last_vote_back_by_its_key(open_page, small):
    page = open_page(small, "ann")
    to_vote(page, "1")
    to_vote(page, "2")
    fetched(page)
    page.keyboard.press("u")
    page.wait_for_url("**/vote/2")
    assert votes(small) == [1]
    to_vote(page, "4")
    assert votes(small) == [1, 4]


def test_the_back_button_shows_what_was_decided_and_changes_nothing(open_page, small):
    page = open_page(small, "ann")
    to_vote(page, "1")
    to_vote(page, "3")
    page.go_back()
    page.wait_for_url("**/vote/2")
    expect(page.get_by_text("You have voted on this; your answer is marked.")).to_be_visible()
    expect(page.get_by_role("radio", name="Map 3")).to_be_checked()
    page.keyboard.press("1")
    expect(page.get_by_role("radio", name="Map 3")).to_be_checked()
    page.keyboard.press("Enter")
    page.wait_for_url("**/vote/3")
    assert votes(small) == [1, 3]


def test_a_double_click_counts_once(open_page, small):
    page = open_page(small, "ann")
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else 0)
    drawn(page)
    page.keyboard.press("2")
    page.get_by_role("button", name="Vote: Map 2").dblclick()
    page.wait_for_url("**/vote/2")
    drawn(page)
    assert len(sent) == 1
    assert votes(small) == [2]
    page.locator("[data-ballot]").evaluate(
        "form => { form.position.value = '3'; form.requestSubmit(); form.requestSubmit(); }"
    )
    page.wait_for_url("**/vote/3")
    assert votes(small) == [2, 3]


def test_two_tabs_keep_the_first_answer(open_page, small):
    first = open_page(small, "ann")
    second = first.context.new_page()
    second.goto(f"{small.address}/vote")
    drawn(second)
    to_vote(first, "1")
    second.keyboard.press("2")
    second.keyboard.press("Enter")
    expect(second.get_by_role("heading", name="Already answered")).to_be_visible()
    assert votes(small) == [1]
    second.get_by_role("link", name="Continue").click()
    second.wait_for_url("**/vote/2")


def test_a_revoked_link_and_its_session_die_at_once(open_page, small):
    page = open_page(small, "ann")
    drawn(page)
    fetched(page)
    small.storage.revoke("ann")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ask the organiser for a new one")).to_be_visible()
    assert votes(small) == []


def test_a_session_that_ends_while_its_maps_are_loaded_says_so(open_page, small, watched):
    page = open_page(small, "ann")

    def revoking(route):
        small.storage.revoke("ann")
        route.continue_()

    page.route("**/drawings.bin*", revoking)
    page.reload()
    expect(page.get_by_text("Ask the organiser for a new one")).to_be_visible()
    assert {line[:3] for line in watched.refused} == {"401"}
    watched.refused.clear()


def test_an_expired_link_says_what_to_do(open_page, small):
    token = small.storage.invite("ann")
    with closing(sqlite3.connect(small.folder / "study.sqlite")) as file, file:
        file.execute("UPDATE links SET until = '2001-01-01T00:00:00.000Z'")
    page = open_page(small)
    page.goto(f"{small.address}/enter/{token}")
    expect(page.get_by_text("Your link has expired")).to_be_visible()
    page.goto(f"{small.address}/vote")
    expect(page.get_by_role("heading")).to_be_visible()
    assert "/vote/" not in page.content()


def test_nothing_is_sent_before_something_is_chosen(open_page, small):
    page = open_page(small, "ann")
    drawn(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Choose a map first")
    page.get_by_role("button", name="Choose a map").click()
    expect(page).to_have_url(f"{small.address}/vote/1")
    assert votes(small) == []


def test_without_scripts_the_page_says_so_and_takes_no_vote(open_page, small):
    page = open_page(small, "ann", java_script_enabled=False)
    expect(page.get_by_text("Please allow scripts for this page")).to_be_visible()
    expect(page.get_by_role("button", name="Vote")).to_be_hidden()


def test_no_answer_is_taken_before_its_maps_are_shown(open_page, small):
    page = open_page(small, "ann")
    page.route("**/turn/2/drawings.bin*", lambda route: route.abort())
    to_vote(page, "1")
    expect(page.get_by_role("alert")).to_contain_text("The maps did not load")
    for key in ("2", "ArrowRight", "Enter"):
        page.locator("[data-said]").evaluate("said => { said.textContent = ''; }")
        page.keyboard.press(key)
        expect(page.locator("[data-said]")).to_have_text("The maps are loading")
    page.get_by_role("button", name="Choose a map").click()
    expect(page.locator("[name=position]:checked")).to_have_count(0)
    page.unroute_all()
    drawn(page)
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.locator("[data-said]")).to_have_text("")
    page.wait_for_load_state("networkidle")
    expect(page).to_have_url(f"{small.address}/vote/2")
    assert votes(small) == [1]
    to_vote(page, "2")
    assert votes(small) == [1, 2]


def test_the_clock_of_a_vote_starts_with_its_maps(open_page, small):
    page = open_page(small, "ann")
    page.clock.install()
    held = []
    page.route("**/turn/1/drawings.bin*", lambda route: held.append(route))
    with page.expect_request("**/turn/1/drawings.bin*"):
        page.reload()
    expect(page.get_by_role("button", name="Choose a map")).to_be_visible()
    page.clock.fast_forward(1_000_000)
    held[0].continue_()
    drawn(page)
    page.clock.fast_forward(100_000)
    with page.expect_request(lambda request: request.method == "POST") as sent:
        to_vote(page, "2")
    seconds = parse_qs(sent.value.post_data)["seconds"]
    assert 100 <= float(seconds[0]) < 900


def test_a_browser_without_storage_votes_and_times(open_page, small, monkeypatch):
    monkeypatch.setattr("ecglens_study.web.wording.REST_AFTER", 0)
    page = open_page(small, "ann")
    page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('no'); } })"
    )
    page.reload()
    page.get_by_role("button", name="Continue now").click()
    expect(page.get_by_text("Consider a break")).to_be_hidden()
    with page.expect_request(lambda request: request.method == "POST") as sent:
        to_vote(page, "2")
    assert "seconds" in parse_qs(sent.value.post_data)  # an empty value is left out


def test_enter_before_a_choice_says_what_is_missing(open_page, small):
    page = open_page(small, "ann")
    drawn(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Choose a map")).to_have_class("primary waiting missing")
    expect(page.get_by_role("status")).to_have_text("Choose a map first")
    assert votes(small) == []
