"""The page in a browser: sorting, levels, paper, small screens, without scripts, axe-core."""

from dataclasses import replace
from pathlib import Path

import pytest
from ecglens.eval import STORAS2025, Finding
from ecglens.report import Pseudonyms, write_report
from ecglens_compare import Run, write_comparison
from ecglens_metrics import Axioms, Counterfactuals, Effects, Localisation
from ecglens_metrics.degradation import Degradation
from ecglens_metrics.localisation import PLAUSIBILITY
from ecglens_metrics.shortcuts import Shortcuts
from ecglens_relevance import Relevance
from playwright.sync_api import Browser, Locator, Page

from ..axe import findings as axe_findings
from .conftest import METHODS, build, of_network
from .findings import about, of_measures, of_rho, of_weights

pytestmark = pytest.mark.heavy

SCREEN = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
A4 = {"width": 680, "height": 1009}  # less margins of 15 mm
# Words that are seen on the first screen and in all, in figures too; a word has a letter or digit.
WORDS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange(), isWord = (text) => /[\\p{L}\\p{N}]/u.test(text);
  let first = 0, every = 0;
  while (walker.nextNode()) {
    const { currentNode: text } = walker, { parentElement: parent } = text;
    if (parent.closest("script, style, option") || !parent.checkVisibility()) continue;
    range.selectNodeContents(text);
    const { top, width, height } = range.getBoundingClientRect();
    const words = text.textContent.split(/\\s+/).filter(isWord).length;
    if (width < 2 || height < 2) continue;
    every += words;
    if (top < innerHeight) first += words;
  }
  return [first, every];
}"""
SCREENS = 3  # what evaluation=all may take with the usual methods, its details closed
FIRST_CELLS = "rows => rows.map((row) => row.cells[{}].textContent.trim())"
# The measures of evaluation=all beside the rankings and the two of ρ, by evaluation: those of which
# more is better, and those of which no value is.
COUNTS = ((2, 5), (3, 0), (3, 0), (3, 0), (8, 0), (8, 0), (0, 8), (0, 6))
# Questions and notes of the evaluations, in the order of COUNTS; their lengths make the page long.
ASKED = (
    Axioms(), Counterfactuals(), Degradation(), Effects(), Localisation("edge"),
    Localisation("wave"), Relevance(), Shortcuts(),
)  # fmt: skip
NOTES = (
    PLAUSIBILITY,
    "the region: 20 ms around P onset, QRS onset, all leads, 7.0 % of the points",
)


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    """As many questions as evaluation=all asks."""
    named = [build(gain=20.0, shown=16), build(protocol=STORAS2025, shown=16)]
    scores = [of_network(each, "a") for each in named]
    (measure, *_) = of_measures().measures
    others = []
    for place, (more, neither) in enumerate(COUNTS):
        measures = [
            replace(
                measure,
                name=f"m{n}",
                label=f"Relevance in part {n}",
                higher_is_better=True if n < more else None,
            )
            for n in range(more + neither)
        ]
        on = about(f"evaluation {place}", question=ASKED[place].question)
        others.append(of_measures(on, measures, sentence="", notes=NOTES))
    return [*scores, *others, of_rho(), of_weights()]


@pytest.fixture(scope="module")
def page_file(findings, tmp_path_factory) -> Path:
    return write_report(findings, tmp_path_factory.mktemp("report"))


def opened(browser: Browser, file: Path, **options) -> Page:
    page = browser.new_page(**{"viewport": SCREEN, **options})
    page.goto(file.as_uri())
    return page


def column(table: Locator, place: int) -> list[str]:
    return table.locator("tbody tr").evaluate_all(FIRST_CELLS.format(place))


def test_every_question_and_what_came_out_take_at_most_three_screens(browser, page_file):
    page = opened(browser, page_file)
    assert page.evaluate("document.documentElement.scrollHeight") <= SCREENS * SCREEN["height"]
    answers = page.locator("section > .answer")
    assert answers.count() == len(COUNTS) + 4
    assert not answers.first.is_visible()
    questions = page.locator(".question > summary")
    assert questions.count() >= len(COUNTS) + 4
    assert all(questions.nth(place).is_visible() for place in range(questions.count()))
    assert not page.locator("details table").first.is_visible()


def test_a_link_to_a_question_opens_it(browser, page_file):
    page = browser.new_page(viewport=SCREEN)
    page.goto(f"{page_file.as_uri()}#pr-median-default")
    assert page.locator("#pr-median-default > .answer").is_visible()
    page.close()


def test_the_page_has_few_words(browser, page_file):
    """A page as that of the demo, with more questions: 150 words on its first screen."""
    page = opened(browser, page_file)
    first, every = page.evaluate(WORDS)
    assert 40 < first <= 150
    assert first < every <= 450
    page.get_by_role("button", name="Open all details").click()
    assert page.evaluate(WORDS)[1] > 2000  # the count sees what is opened


def test_what_every_evaluation_answers_has_4_mb(page_file):
    assert 1_000_000 < page_file.stat().st_size <= 4_000_000


def test_a_table_is_sorted_by_click_and_by_keyboard_as_numbers(browser, page_file):
    page = opened(browser, page_file)
    page.get_by_role("heading", name="Default protocol").click()
    page.get_by_text("Ranking", exact=True).first.click()
    table = page.locator("#pr-median-default table").first
    head = table.get_by_role("columnheader", name="Above random")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    shown = column(table, 4)
    assert shown[-1] == "–"  # random itself, which has no number, stays last
    numbers = [float(each.replace("−", "-")) for each in shown[:-1]]
    assert numbers == sorted(numbers)
    assert numbers != sorted(numbers, key=str)
    head.get_by_role("button").press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert [float(each.replace("−", "-")) for each in column(table, 4)[:-1]] == numbers[::-1]
    assert column(table, 4)[-1] == "–"
    method = table.get_by_role("columnheader", name="Method")
    method.get_by_role("button").focus()
    page.keyboard.press("Space")
    names = column(table, 1)
    assert names.index("DeepLIFT") < names.index("Saliency") < names.index("SmoothGrad")
    page.keyboard.press("Space")
    assert column(table, 1) == names[::-1]
    assert head.get_attribute("aria-sort") is None
    page.get_by_role("heading", name="Every estimate, null and test").click()
    numbers_table = page.locator("details:has(> summary[data-files^='verdicts.csv']) table").first
    numbers_table.get_by_role("button", name="|Change of reading|, ms").click()
    *values, missing = column(numbers_table, 2)
    assert [float(each) for each in values] == sorted(float(each) for each in values)
    assert len(values) == len(METHODS)
    assert missing == "–"  # guided backprop, which was not scored


def test_without_scripts_the_tables_are_plain_and_can_be_opened(browser, page_file):
    context = browser.new_context(java_script_enabled=False, viewport=SCREEN)
    page = context.new_page()
    page.goto(page_file.as_uri())
    assert page.locator("th button").count() == 0
    assert not page.get_by_role("button", name="Open all details").is_visible()
    table = page.locator("#pr-median-default table").first
    page.get_by_role("heading", name="Default protocol").click()
    page.locator("#pr-median-default summary", has_text="Ranking").click()
    assert table.is_visible()
    context.close()


def test_all_details_open_and_close_at_once(browser, page_file):
    page = opened(browser, page_file)
    every = page.locator("details").count()
    page.get_by_role("button", name="Open all details").click()
    assert page.locator("details[open]").count() == every
    page.get_by_role("button", name="Close all details").click()
    assert page.locator("details[open]").count() == 0


def test_on_paper_what_is_closed_names_its_tables_and_no_table_is_cut(browser, page_file):
    page = opened(browser, page_file, viewport=A4)
    page.emulate_media(media="print")
    said = page.locator("#pr-median-default summary", has_text="Ranking").evaluate(
        "each => getComputedStyle(each, '::after').content"
    )
    assert "pr-median-default-ranking.csv" in said
    figure = page.locator(".maps")
    assert figure.is_visible()
    assert figure.evaluate("each => each.getBoundingClientRect().width") <= A4["width"]
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.documentElement.scrollWidth") <= A4["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page_and_on_that_of_two_runs(
    browser, page_file, findings, tmp_path, scheme
):
    first, second = (Run(name, findings[:3], Pseudonyms()) for name in ("a", "b"))
    compared = write_comparison(first, second, tmp_path)
    for file in (page_file, compared):
        page = opened(browser, file, viewport=PHONE, color_scheme=scheme)
        page.evaluate("document.querySelectorAll('#pr-median-default details').forEach("
                      "(each) => { each.open = true; })")  # fmt: skip
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert axe_findings(page) == []
