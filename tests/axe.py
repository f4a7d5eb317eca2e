"""Findings of axe-core on a page, shared by the tests of the report and of the voting pages."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def findings(page: Page) -> list[str]:
    """Rule and first element of each finding, of any impact."""
    page.wait_for_load_state()
    # Which tables can be scrolled, and so need the keyboard, a page learns a frame later.
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found]
