"""CPU time of a move on a report: python -m benchmarks.page_moves PAGE.

PAGE is a report.html. Chromium moves a real pointer over the papers of the gallery, which is opened
on two maps and their difference, then drags the slider of the figure, one move a frame, and counts
the CPU time of the page's main thread: script, style, layout and paint. 60 frames a second leave
16.7 ms for each. Before that it opens the page LOADS times and prints when the first words are
seen; after it the page sets the slider once a frame by itself, and Chromium's own trace says how
many frames were shown.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, FloatRect, Page, ViewportSize

from .browser import add_chromium, opened

MOVES = 400
LOADS = 5
SCREEN: ViewportSize = {"width": 1440, "height": 900}
FIRST_WORDS = """
performance.getEntriesByName("first-contentful-paint")[0].startTime
"""
# Sets the slider once a frame, so many steps further each time; returns the seconds that it took.
PLAY = """([frames, steps]) => new Promise((done) => {
  const slider = document.querySelector("[data-figure] [data-step]"), start = performance.now();
  let shown = 0;
  requestAnimationFrame(function frame() {
    if (shown === frames) return done((performance.now() - start) / 1000);
    slider.value = (shown++ * steps) % (Number(slider.max) + 1);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    requestAnimationFrame(frame);
  });
})"""
TRACED = ["cc", "benchmark", "disabled-by-default-devtools.timeline.frame"]
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


def of_figure(page: Page) -> dict[str, float]:
    """CPU ms of a step of the figure under the pointer, by part."""
    box = _box(page, "[data-figure] [data-step]")
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()

    def move(number: int) -> None:
        # 0, 5/16, 10/16 … of the way: each place is another step of 15
        page.mouse.move(box["x"] + box["width"] * (0.02 + 0.96 * (number * 5 % 16) / 16), middle)

    return _measured(page, move)


def frames_shown(browser: Browser, address: str, steps: int) -> str:
    """Frames a second while each sets the figure `steps` further, and the share that was dropped.

    The page is a fresh one: what a pointer has opened elsewhere would be painted with it.
    """
    with browser.new_page(viewport=SCREEN) as page:
        page.goto(address)
        page.locator("[data-figure] [data-step]").first.scroll_into_view_if_needed()
        page.evaluate(PLAY, [MOVES, steps])  # warms up
        browser.start_tracing(page=page, categories=TRACED)
        seconds = page.evaluate(PLAY, [MOVES, steps])
        events = json.loads(browser.stop_tracing())["traceEvents"]
    frames = [each["args"] for each in events if each["name"] == "PipelineReporter"]
    states = [each["frame_reporter"]["state"] for each in frames if "frame_reporter" in each]
    # A frame may be shown in two parts, of which the first is not whole.
    shown, dropped = (states.count(each) for each in ("STATE_PRESENTED_ALL", "STATE_DROPPED"))
    share = dropped / (dropped + shown)
    return f"{shown / seconds:.0f} frames a second shown whole, {100 * share:.0f} % dropped"


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
    """Print the CPU time of a move over the gallery and of a step of the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    add_chromium(parser)
    options = parser.parse_args()
    with opened(options.chromium) as browser:
        address = options.page.absolute().as_uri()
        print(f"first words after {first_words(browser, address):.0f} ms")
        page = browser.new_page(viewport=SCREEN)
        page.goto(address)
        for name, measure in (("gallery", of_gallery), ("figure", of_figure)):
            found = measure(page)
            parts = ", ".join(f"{PARTS[part]} {value:.2f} ms" for part, value in found.items())
            print(f"{name}: {parts}")
        for steps in (1, 5):
            print(f"figure by {steps} a frame: {frames_shown(browser, address, steps)}")


if __name__ == "__main__":
    main()
