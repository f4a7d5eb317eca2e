"""The order of the tests, the browser that some look through, and a line where there is none."""

import gc
import os
import shutil
from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
MISSING = "no Chromium"
PATIENCE_MS = 20_000  # a machine that trains networks beside the tests is slow
UMASK = os.umask(0o077)  # of who started the tests
os.umask(UMASK)
# A quarter of a minute each and more: several workers end together when these are begun first.
LONG = (
    "test_front_doors",
    "test_experiments",
    "test_docs",
    "test_site",
    "test_own_targets",
    "test_classes",
    "test_planted",
    "test_page",
    "test_plugin",
    "test_every_number",
    "test_prepare",
    "test_explain",
    "test_library",
    "test_extras",
)


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; what looks through a browser is heavy."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.heavy)
    items.sort(key=lambda item: item.path.stem not in LONG)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """No later collection of garbage looks again at torch and every test: 0.4 s of it each."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True)
def umask() -> None:
    """Files of ECGs that have to stay are private from then on: not those of the next test."""
    os.umask(UMASK)


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
        "Install it and run them again; on Debian: apt-get install chromium", **red
    )
    terminalreporter.write_sep("!", red=True, bold=True)
