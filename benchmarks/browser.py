"""Chromium for the benchmarks and tests that look at pages."""

import argparse
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

# The first draws no window of its own, which takes half of the time of all others.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def add_chromium(parser: argparse.ArgumentParser) -> None:
    """The option --chromium: where it is, found on the path by itself."""
    parser.add_argument("--chromium", default=on_path())


def on_path() -> str | None:
    """Where Chromium is, with or without a window; None for nowhere."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def opened(chromium: str | None) -> Iterator[Browser]:
    """Chromium without a window while the block lasts."""
    with sync_playwright() as playwright:
        # Its sandbox wants a user who is not root.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()
