"""Chromium for the benchmarks that look at pages."""

import argparse
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright


def add_chromium(parser: argparse.ArgumentParser) -> None:
    """The option --chromium: where it is, found on the path by itself."""
    parser.add_argument("--chromium", default=on_path())


def on_path() -> str | None:
    """Where Chromium is, with or without a window; None for nowhere."""
    return shutil.which("chromium") or shutil.which("chromium-headless-shell")


@contextmanager
def opened(chromium: str | None) -> Iterator[Browser]:
    """Chromium without a window while the block lasts."""
    with sync_playwright() as playwright:
        # Its sandbox wants a user who is not root.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()
