"""The player in a browser: by keyboard, without motion, on paper, on a phone."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from ecglens.eval import Finding
from ecglens.report import write_report
from ecglens.report.style import style
from ecglens.report.text.numerals import fixed
from playwright.sync_api import Browser, Page

from .test_player import PROTOCOLS, found, player_of, readings

STEPS = PROTOCOLS[0].steps
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


@pytest.fixture(scope="module")
def finding() -> Finding:
    return found(PROTOCOLS[0])


@pytest.fixture
def opened(browser: Browser, finding: Finding, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Function that opens the report from its file; it may log nothing and ask for nothing."""
    address, said = write_report([finding], tmp_path).as_uri(), []
    with ExitStack() as open_ones:

        def open_page(**options) -> Page:
            page = browser.new_page(**options)
            open_ones.callback(page.close)
            page.on("console", lambda message: said.append(message.text))
            page.on("pageerror", lambda error: said.append(str(error)))
            page.on("request", lambda request: said.append(request.url))
            page.goto(address)
            return page

        yield open_page
    assert {*said} == {address}


def shown(page: Page) -> list[str]:
    """The numbers of the three gauges, which are those above the three ECGs."""
    gauge = page.locator(".gauge [data-read]").all_inner_texts()
    assert page.locator(".tracks [data-read]").all_inner_texts() == gauge
    return gauge


def kept(finding: Finding, k: int, ecg: int = 0, second: str = "") -> list[str]:
    """What the finding has kept of a step, of the first methods or another `second` one."""
    data = player_of(finding)["data"]
    read, places = readings(data, ecg), data["ecgs"][ecg]["places"]
    one, two, random = (data["methods"][place]["name"] for place in data["shown"])
    names = (one, second or two, random)
    return [f"{fixed(read[name][k], places)} µV" for name in names]


def test_the_gauge_shows_the_kept_predictions_by_keyboard(opened, finding) -> None:
    page = opened()
    slider = page.get_by_role("slider", name="Segments changed")
    assert shown(page) == kept(finding, STEPS)
    slider.focus()
    page.keyboard.press("Home")
    assert shown(page) == kept(finding, 0)
    for k in range(1, 8):
        page.keyboard.press("ArrowRight")
        assert shown(page) == kept(finding, k)
    page.keyboard.press("ArrowLeft")
    assert shown(page) == kept(finding, 6)
    said = slider.get_attribute("aria-valuetext")
    assert said.startswith(f"6 of {STEPS} segments: ")
    assert all(each in said for each in kept(finding, 6))
    page.locator("[data-player] [data-method]").last.select_option(label=style("abs_dx").label)
    page.locator("[data-player] [data-ecg]").select_option(index=2)
    assert shown(page) == kept(finding, 6, ecg=2, second="abs_dx")
    names = page.locator(".tracks [data-name]").all_inner_texts()
    assert names[1:] == [style("abs_dx").label, style("random").label]


def test_the_trace_moves_with_the_steps_and_only_where_they_hit(opened, finding) -> None:
    page = opened()
    leads = player_of(finding)["data"]["leads"]
    # Before those of the leads comes the calibration pulse.
    traces = page.locator(".tracks [data-paper]").last.locator(".trace").all()[-len(leads) :]
    paths = []
    for k in (0, STEPS):
        page.get_by_role("slider").fill(str(k))
        drawn = [trace.get_attribute("d").replace("M", "L") for trace in traces]
        paths.append("".join(drawn).split("L"))
    (curves,) = finding.curves
    before, after = (np.array([each.split() for each in path[1:]], float) for path in paths)
    moved = (before != after).any(1)
    steps = curves.gallery.steps
    hit = (steps.hit("random", 0) <= STEPS)[leads].ravel()
    assert not moved[~hit].any()
    seen = hit & (np.abs(steps.changes[0, leads]).ravel() > 3)  # µV: 0.03 mm
    assert seen.sum() > 10
    assert moved[seen].all()


def test_what_is_redrawn_in_part_is_what_is_drawn_at_once(opened) -> None:
    page = opened()
    slider, part = page.get_by_role("slider"), page.locator("[data-player] select")
    for choose in (None, ("ecg", 1), ("method", 3), ("lead", 2), ("lead", 0)):
        if choose:
            name, index = choose
            page.locator(f"[data-player] [data-{name}]").first.select_option(index=index)
        for step in (1, 2, 7, 3, 0, STEPS, 4):
            slider.fill(str(step))
        in_part = drawn(page)
        part.first.dispatch_event("change")  # everything anew, at the same step
        assert drawn(page) == in_part
        slider.fill("0")
        assert drawn(page) != in_part


def drawn(page: Page) -> list[str]:
    """Every trace and every mark of what has changed."""
    return page.locator(".tracks path").evaluate_all(
        "all => all.map(each => each.getAttribute('d'))"
    )


def test_space_plays_and_pauses_and_a_reader_without_motion_gets_the_last_step(
    opened, finding
) -> None:
    page = opened()
    button = page.get_by_role("button", name="Play")
    page.wait_for_timeout(300)
    assert shown(page) == kept(finding, STEPS)  # nothing moves by itself
    page.get_by_role("slider").focus()
    page.keyboard.press("Space")
    page.wait_for_function("Number(document.querySelector('[data-step]').value) >= 2")
    page.keyboard.press("Space")
    at = int(page.get_by_role("slider").input_value())
    assert button.inner_text() == "Play"
    assert shown(page) == kept(finding, at)
    page.wait_for_timeout(600)
    assert shown(page) == kept(finding, at)
    still = opened(reduced_motion="reduce")
    still.get_by_role("slider").fill("3")
    still.get_by_role("button", name="Play").press("Space")
    assert shown(still) == kept(finding, STEPS)


def test_paper_has_the_last_step_and_a_phone_has_room(opened, finding) -> None:
    page = opened(**PHONE)
    slider = page.get_by_role("slider")
    slider.fill("3")
    page.evaluate(
        "addEventListener('beforeprint', () => { window.printed ="
        " [...document.querySelectorAll('.gauge [data-read]')].map((each) => each.textContent) })"
    )
    page.pdf()
    assert page.evaluate("window.printed") == kept(finding, STEPS)
    assert shown(page) == kept(finding, 3)
    right = page.locator("[data-player] *").evaluate_all(
        "all => Math.max(...all.filter((one) => !one.closest('.wide'))"
        ".map((one) => one.getBoundingClientRect().right))"
    )
    assert right <= 390
    lead, paper = page.locator("[data-player] [data-lead]"), page.locator("[data-paper]").first
    assert lead.input_value() != ""
    large = paper.get_attribute("viewBox")
    lead.select_option("")
    assert paper.get_attribute("viewBox") != large
