"""CPU time of a pointer move over a report's gallery: python -m benchmarks.gallery_pointer PAGE.

PAGE is a report.html. Chromium moves a real pointer over the papers, one move a frame, and counts
the CPU time of the page's main thread: script, style, layout and paint. The page's gallery is
opened on two maps and their difference.
"""

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

MOVES = 400
PARTS = {
    "TaskDuration": "all",
    "ScriptDuration": "script",
    "LayoutDuration": "layout",
    "RecalcStyleDuration": "style",
}


def measured(page: Page, key: str) -> dict[str, float]:
    """CPU ms a move, by part."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    paper = page.locator(f'[data-gallery="{key}"] [data-over]').first
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    assert box, "expected an open gallery"
    spent: list[dict[str, float]] = []
    for _ in range(2):  # the first time warms up
        before = _metrics(page, session)
        for move in range(MOVES):
            across = box["x"] + box["width"] * (0.2 + 0.75 * (move % 97) / 97)
            page.mouse.move(across, box["y"] + min(300.0, box["height"] * (0.1 + move % 7 / 9)))
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
    """Print the CPU time of a move."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=options.chromium, args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(options.page.absolute().as_uri())
        key = page.locator("[data-gallery]").first.get_attribute("data-gallery") or ""
        page.evaluate("link => { location.hash = link; }", f"#{key}/maps?lead=")
        page.wait_for_timeout(1000)
        found = measured(page, key)
        print(", ".join(f"{PARTS[name]} {value:.2f} ms" for name, value in found.items()))
        browser.close()


if __name__ == "__main__":
    main()
