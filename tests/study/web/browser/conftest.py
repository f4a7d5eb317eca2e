"""A real browser before a real server, and what it must never do, watched on every page."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Response, expect, sync_playwright

from ..conftest import Served, running
from .small_study import small_study

DESK = {"width": 1366, "height": 768}
PATIENCE_MS = 90_000  # a machine that trains networks beside the tests is slow


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium, once for all tests of the folder."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@dataclass
class Watched:
    """What pages said and asked for while a test ran."""

    errors: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Listen to this page."""
        page.on("console", lambda said: self._said(said.type, said.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("response", self._answered)

    def elsewhere(self, address: str) -> list[str]:
        """What was asked of another origin."""
        own = urlsplit(address).netloc
        return [url for url in self.asked if urlsplit(url).netloc != own]

    def _said(self, kind: str, text: str) -> None:
        # Chromium says so of each page that is refused; those are tested by what they show.
        if kind in ("error", "warning") and "Failed to load resource" not in text:
            self.errors.append(text)

    def _answered(self, response: Response) -> None:
        request: Request = response.request
        if response.status >= 400 and request.resource_type != "document":
            self.refused.append(f"{response.status} {response.url}")


@pytest.fixture
def watched() -> Watched:
    """What the pages of this test said and asked for."""
    return Watched()


@pytest.fixture
def serve_small(tmp_path) -> Iterator[Callable[..., Served]]:
    """Serves a small study with these settings until the test is over."""
    with ExitStack() as open_ones:

        def served(name: str = "study", **settings) -> Served:
            storage = small_study(tmp_path / name, **settings)
            return open_ones.enter_context(running(storage, tmp_path / name))

        yield served


@pytest.fixture
def small(serve_small) -> Served:
    """A served small study that asks to pick."""
    return serve_small()


@pytest.fixture
def open_page(browser: Browser, watched: Watched) -> Iterator[Callable[..., Page]]:
    """A page of a browser of its own; of an expert who agreed, it is where the expert goes on.

    After the test no page may have shown an error, asked another origin, or been refused a file.
    """
    addresses = []
    with ExitStack() as open_ones:

        def opened(study: Served, expert: str = "", agree: bool = True, **options) -> Page:
            wanted: dict[str, Any] = {"viewport": DESK} | options
            context = browser.new_context(**wanted)
            open_ones.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            watched.watch(page)
            addresses.append(study.address)
            if expert:
                token = (
                    study.storage.invite_organiser()
                    if expert == "organiser"
                    else study.storage.invite(expert)
                )
                if agree and expert != "organiser":
                    study.storage.consent(expert)
                page.goto(f"{study.address}/enter/{token}")
            return page

        yield opened
    assert watched.errors == []
    assert watched.refused == []
    assert [url for address in addresses[:1] for url in watched.elsewhere(address)] == []


def to_vote(page: Page, key: str) -> None:
    """Choose by a key, vote, and wait for the next page."""
    before = page.url
    page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != before)
