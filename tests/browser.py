"""The browser that some tests look through, and a line at the end where there is none."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from benchmarks.browser import on_path, opened

MISSING = "no Chromium"
PATIENCE_MS = 20_000  # a machine that trains networks beside the tests is slow


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is; tests that need it are skipped, and the last lines say so."""
    return on_path() or pytest.skip(MISSING)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium, for the tests of a file."""
    expect.set_options(timeout=PATIENCE_MS)
    with opened(chromium) as started:
        yield started


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
