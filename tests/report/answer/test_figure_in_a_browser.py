"""The figure of an answer in a browser: plays once, by keyboard, without motion, on paper."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from ecglens.datamodules import Target
from ecglens.eval import Finding
from ecglens.report import write_report
from playwright.sync_api import Browser, Page

from ...axe import findings as axe_findings
from ..conftest import build, of_network
from .test_figure import PROTOCOLS, data_of, figure_of, found

STEPS = PROTOCOLS[0].until
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
STILL = {"reduced_motion": "reduce"}
NEEDLES = "all => all.map((each) => Number.parseFloat(each.getAttribute('x')))"
PATHS = "all => all.map((each) => each.getAttribute('d'))"
PARTS = ".maps .needle *, .maps [data-cells] path, .maps [data-region]"
DRAWN = """all => all.map((each) => [...each.attributes]
  .filter((one) => ["d", "x1", "x2", "cx"].includes(one.name)).map((one) => one.value))"""
BLOCKS = "all => all.filter((each) => each.getAttribute('visibility') !== 'hidden').length"


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


def needles(page: Page) -> list[float]:
    return page.locator("[data-needle] .now").evaluate_all(NEEDLES)


def kept(finding: Finding, step: int, ecg: int = 0) -> list[float]:
    """Places of the needles after a step, in percent of their scale."""
    return [100 * read[step] for read in data_of(finding)["ecgs"][ecg]["read"]]


def blocks(page: Page) -> int:
    return page.locator("[data-cells] path").evaluate_all(BLOCKS)


def test_it_plays_once_and_rests_at_the_end(opened, finding):
    page = opened()
    assert page.get_by_role("button", name="Pause").is_visible()
    page.wait_for_function("Number(document.querySelector('[data-step]').value) === 0")
    page.wait_for_function(f"document.querySelector('[data-step]').value === '{STEPS}'")
    page.get_by_role("button", name="Play").wait_for()
    assert needles(page) == pytest.approx(kept(finding, STEPS), abs=0.01)
    rows = sum(bool(row) for row in data_of(finding)["ecgs"][0]["cells"])
    assert blocks(page) == rows * STEPS
    page.wait_for_timeout(400)
    assert page.get_by_role("slider").input_value() == str(STEPS)


def test_without_motion_the_end_is_shown_and_keys_lead_through_the_steps(opened, finding):
    page = opened(**STILL)
    page.wait_for_timeout(300)
    assert needles(page) == pytest.approx(kept(finding, STEPS), abs=0.01)
    slider = page.get_by_role("slider", name="Segments replaced")
    slider.focus()
    page.keyboard.press("Home")
    assert blocks(page) == 0
    assert needles(page) == pytest.approx(kept(finding, 0), abs=0.01)
    for step in range(1, STEPS + 1):
        page.keyboard.press("ArrowRight")
        assert needles(page) == pytest.approx(kept(finding, step), abs=0.01)
        assert blocks(page) % step == 0
    assert slider.get_attribute("aria-valuetext") == f"{STEPS} of {STEPS}"
    page.keyboard.press("ArrowLeft")
    assert needles(page) == pytest.approx(kept(finding, STEPS - 1), abs=0.01)
    page.keyboard.press("Space")  # without motion there is nothing to play
    assert needles(page) == pytest.approx(kept(finding, STEPS), abs=0.01)


def test_another_ecg_and_lead_are_drawn_from_what_was_kept(opened, finding):
    page = opened(**STILL)
    data = data_of(finding)
    trace = page.locator("[data-trace]")
    first = trace.get_attribute("d")
    page.locator(".maps [data-ecg]").select_option(index=1)
    assert needles(page) == pytest.approx(kept(finding, STEPS, ecg=1), abs=0.01)
    assert trace.get_attribute("d") != first
    shown = page.locator("[data-cells] path").evaluate_all(
        "all => all.map((e) => e.getAttribute('d'))"
    )
    assert shown == [d for row in data["ecgs"][1]["cells"] for d in row]
    assert page.locator("[data-cells] .elsewhere").count() == 0
    page.locator(".maps [data-lead]").select_option(label="II")
    lead = data["numbers"][data["leads"].index("II")]
    away = sum(own != lead for row in data["ecgs"][1]["of"] for own in row)
    assert page.locator("[data-cells] .elsewhere").count() == away


def test_what_the_script_draws_at_the_end_is_what_stands_without_it(
    browser, opened, finding, tmp_path
):
    page = opened(**STILL)
    scripted = page.locator(PARTS).evaluate_all(DRAWN)
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(page.url)
    assert plain.locator(".maps [data-live]").is_hidden()
    still = figure_of(finding).shown()
    assert len(scripted) > len(still["rows"]) * 3
    markup = Path(tmp_path / "report.html").read_text("utf-8")
    for own in scripted:
        for value in own:
            assert f'"{value}"' in markup
    context.close()


def test_paper_has_the_last_step_and_a_phone_has_room(opened, finding):
    page = opened(**PHONE, **STILL)
    page.get_by_role("slider").fill("1")
    page.evaluate(
        "addEventListener('beforeprint', () => { window.printed = "
        "[...document.querySelectorAll('[data-needle] .now')]"
        ".map((each) => Number.parseFloat(each.getAttribute('x'))) })"
    )
    page.pdf()
    assert page.evaluate("window.printed") == pytest.approx(kept(finding, STEPS), abs=0.01)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_figure(opened, scheme):
    for options in ({}, PHONE):
        assert axe_findings(opened(color_scheme=scheme, **STILL, **options)) == []


def test_of_a_sweep_one_answer_is_shown_and_others_are_chosen(browser, tmp_path):
    qt = of_network(build(gain=0.9, target=Target("qt", "ms", "QT interval")), "other")
    page = browser.new_page(**STILL)
    page.goto(write_report([build(gain=6.0), qt], tmp_path).as_uri())
    articles = page.locator(".chosen > article")
    assert [articles.nth(n).is_visible() for n in range(2)] == [True, False]
    page.get_by_role("link", name="QT · median beats").first.click()
    assert [articles.nth(n).is_visible() for n in range(2)] == [False, True]
    page.close()


def test_the_next_command_is_copied(browser, tmp_path):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    settings = {"settings": {"target": {"name": "pr"}}, "command": ["ecglens", "train"]}
    page.goto(write_report([build(gain=6.0, **settings)], tmp_path).as_uri())
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator(".command code").inner_text()
    assert copied.startswith("ecglens train ")
    context.close()
