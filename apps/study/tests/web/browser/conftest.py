"""A real browser on a real server; every page is watched for errors and foreign requests."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Response

from tests.browser import PATIENCE_MS

from ..conftest import Served, running
from .small_study import small_study

DESK = {"width": 1366, "height": 768}


@dataclass
class Watched:
    """Console messages and requests of the pages during a test."""

    errors: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Record the messages and requests of this page."""
        page.on("console", lambda said: self._said(said.type, said.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("response", self._answered)

    def elsewhere(self, address: str) -> list[str]:
        """Requests to another origin."""
        own = urlsplit(address).netloc
        return [url for url in self.asked if urlsplit(url).netloc != own]

    def _said(self, kind: str, text: str) -> None:
        # Chromium logs this for each refused page; tests check what those pages show.
        if kind in ("error", "warning") and "Failed to load resource" not in text:
            self.errors.append(text)

    def _answered(self, response: Response) -> None:
        request: Request = response.request
        if response.status >= 400 and request.resource_type != "document":
            self.refused.append(f"{response.status} {response.url}")


@pytest.fixture
def watched() -> Watched:
    """Console messages and requests of this test's pages."""
    return Watched()


@pytest.fixture
def serve_small(tmp_path) -> Iterator[Callable[..., Served]]:
    """Function that serves a small study with the given settings during the test."""
    with ExitStack() as open_ones:

        def served(name: str = "study", **settings) -> Served:
            storage = small_study(tmp_path / name, **settings)
            return open_ones.enter_context(running(storage, tmp_path / name))

        yield served


@pytest.fixture
def small(serve_small) -> Served:
    """Served small study with task pick."""
    return serve_small()


@pytest.fixture
def open_page(browser: Browser, watched: Watched) -> Iterator[Callable[..., Page]]:
    """Function that opens a page in a new browser context, for an expert at the current turn.

    After the test, no page may have logged an error, contacted another origin, or missed a file.
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


def drawn(page: Page) -> None:
    """Wait until the maps are shown: keys do nothing before."""
    page.wait_for_selector("[data-vote].drawn", state="attached")


FETCHED = """() => {
  const { drawings, ahead } = document.querySelector("[data-vote]").dataset;
  return [drawings, ahead].filter(Boolean)
    .every((path) => performance.getEntriesByName(new URL(path, location.href).href).length);
}"""


def fetched(page: Page) -> None:
    """Wait until the drawings of this page, and those of the next one it asks for, have come."""
    page.wait_for_function(FETCHED)


def hide_colour(page: Page) -> None:
    """Press H and never release it: released late, as on a slow machine, it shows the colour."""
    page.locator("body").dispatch_event("keydown", {"key": "h"})


def to_vote(page: Page, key: str) -> None:
    """Choose with a key, vote, and wait for the next page."""
    before = page.url
    drawn(page)
    page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != before)
