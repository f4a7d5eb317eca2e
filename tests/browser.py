"""The browser that some tests look through, and a line at the end where there is none."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

# The first draws no window of its own, which takes half of the time of all others.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
MISSING = "no Chromium"
PATIENCE_MS = 20_000  # a machine that trains networks beside the tests is slow


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is; tests that need it are skipped, and the last lines say so."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    pytest.skip(MISSING)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium, for the tests of a file."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Say as the last thing that the pages were not looked at in a browser."""
    yield  # pytest's own summary
    skipped = [
        each for each in terminalreporter.stats.get("skipped", []) if MISSING in str(each.longrepr)
    ]
    if not skipped:
        return
    red = {"red": True, "bold": True}
    terminalreporter.write_sep("!", "THE BROWSER TESTS DID NOT RUN", red=True, bold=True)
    terminalreporter.write_line(
        f"{len(skipped)} tests of the voting pages were skipped: there is no Chromium.", **red
    )
    terminalreporter.write_line(
        "Install it and run them again; on Debian: apt-get install chromium-headless-shell", **red
    )
    terminalreporter.write_sep("!", red=True, bold=True)
