"""Pictures of a report for docs/gallery.md: python -m benchmarks.report_pictures demo/report.html.

A picture is a screen, or a part of the page, 1200 px wide at most.
"""

import argparse
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import FloatRect, Page, ViewportSize

from .browser import add_chromium, opened
from .page import DOCS

SCREEN: FloatRect = {"x": 0, "y": 0, "width": 1200, "height": 900}
# Higher than the page: on a lower screen, what sticks to its top would cover a part.
HIGH = 12000
MARGIN = 12  # px around a part
COLOURS = 128  # sharp text and lines in less than 150 kB
# Parts of the page by the name of their picture, and the most that is shown of them, in px.
PARTS = {"report-gallery": ("[data-gallery]", 830)}
OPEN = "part => { for (let at = part; at; at = at.parentElement) at.open = true }"


def main() -> None:
    """Take every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    add_chromium(parser)
    options = parser.parse_args()
    with opened(options.chromium) as browser:
        # Without motion, the figure shows its end.
        screen: ViewportSize = {"width": int(SCREEN["width"]), "height": HIGH}
        page = browser.new_page(viewport=screen, reduced_motion="reduce")
        page.goto(options.report.absolute().as_uri())
        take(page, "report-answer", SCREEN)
        for name, (part, height) in PARTS.items():
            found = page.locator(part).first
            found.evaluate(OPEN)
            take(page, name, around(found.bounding_box(), height))


def around(box: FloatRect | None, height: float) -> FloatRect:
    """The box of a part with its margin, cut off below at `height`."""
    if box is None:
        raise ValueError(
            "expected a report with this part, got one without; take that of make demo"
        )
    return {
        "x": box["x"] - MARGIN,
        "y": box["y"] - MARGIN,
        "width": box["width"] + 2 * MARGIN,
        "height": min(box["height"] + 2 * MARGIN, height),
    }


def take(page: Page, name: str, clip: FloatRect) -> None:
    """Save what the clip shows."""
    taken = Image.open(BytesIO(page.screenshot(clip=clip))).convert("RGB")
    # Keeps colours that few points have, such as those of a heatmap.
    picture = taken.quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
    picture.save(DOCS / "images" / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
