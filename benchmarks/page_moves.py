"""CPU time of a move on a report: python -m benchmarks.page_moves PAGE.

PAGE is a report.html. Chromium moves a real pointer over the papers of the gallery, which is opened
on two maps and their difference, then drags the slider of the player, one move a frame, and counts
the CPU time of the page's main thread: script, style, layout and paint. 60 frames a second leave
16.7 ms for each. Before that it opens the page LOADS times and prints when the first words are
seen.
"""

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, FloatRect, Page, ViewportSize, sync_playwright

MOVES = 400
LOADS = 5
SCREEN: ViewportSize = {"width": 1440, "height": 900}
FIRST_WORDS = """
performance.getEntriesByName("first-contentful-paint")[0].startTime
"""
PARTS = {
    "TaskDuration": "all",
    "ScriptDuration": "script",
    "LayoutDuration": "layout",
    "RecalcStyleDuration": "style",
}


def first_words(browser: Browser, page: str) -> float:
    """Median ms from the start of a load to the first words and pictures that are painted."""
    seen: list[float] = []
    for _ in range(LOADS):
        with browser.new_page(viewport=SCREEN) as fresh:
            fresh.goto(page)
            fresh.wait_for_timeout(500)  # the entry is written after the frame
            seen.append(float(fresh.evaluate(FIRST_WORDS)))
    return median(seen)


def of_gallery(page: Page) -> dict[str, float]:
    """CPU ms of a pointer move, by part."""
    key = page.locator("[data-gallery]").first.get_attribute("data-gallery") or ""
    page.evaluate("link => { location.hash = link; }", f"#{key}/maps?lead=")
    page.wait_for_timeout(1000)
    box = _box(page, f'[data-gallery="{key}"] [data-over]')

    def move(number: int) -> None:
        across = box["x"] + box["width"] * (0.2 + 0.75 * (number % 97) / 97)
        page.mouse.move(across, box["y"] + min(300.0, box["height"] * (0.1 + number % 7 / 9)))

    return _measured(page, move)


def of_player(page: Page) -> dict[str, float]:
    """CPU ms of a step of the player under the pointer, by part."""
    box = _box(page, "[data-player] [data-step]")
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()

    def move(number: int) -> None:
        # 0, 5/26, 10/26 … of the way: each place is another step of 25
        page.mouse.move(box["x"] + box["width"] * (0.02 + 0.96 * (number * 5 % 26) / 26), middle)

    return _measured(page, move)


def _box(page: Page, selector: str) -> FloatRect:
    found = page.locator(selector).first
    found.scroll_into_view_if_needed()
    box = found.bounding_box()
    if box is None:
        raise ValueError(f"expected {selector} on the page, got none: give a report with both")
    return box


def _measured(page: Page, move: Callable[[int], None]) -> dict[str, float]:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    spent: list[dict[str, float]] = []
    for _ in range(2):  # the first time warms up
        before = _metrics(page, session)
        for number in range(MOVES):
            move(number)
            page.evaluate("new Promise(requestAnimationFrame)")
        after = _metrics(page, session)
        spent.append({name: 1000 * (after[name] - before[name]) / MOVES for name in PARTS})
    return spent[-1]


def _metrics(page: Page, session) -> dict[str, float]:
    page.wait_for_timeout(300)  # what is still to be painted
    return {
        each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]
    }


def main() -> None:
    """Print the CPU time of a move over the gallery and of a step of the player."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=options.chromium, args=["--no-sandbox"]
        )
        address = options.page.absolute().as_uri()
        print(f"first words after {first_words(browser, address):.0f} ms")
        page = browser.new_page(viewport=SCREEN)
        page.goto(address)
        for name, measure in (("gallery", of_gallery), ("player", of_player)):
            found = measure(page)
            parts = ", ".join(f"{PARTS[part]} {value:.2f} ms" for part, value in found.items())
            print(f"{name}: {parts}")
        browser.close()


if __name__ == "__main__":
    main()
