"""The site in a browser: axe-core, and nothing from elsewhere."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from ..axe import findings

# The front page, findings with folds, a lesson, a how-to, a concept with tables, one
# without links in a wide table, pictures, the reference, a notebook.
PAGES = (
    "",
    "findings/",
    "tutorial/",
    "python/",
    "perturbation/",
    "attacks/",
    "gallery/",
    "settings/",
    "api/scoring/",
    "notebooks/scores/",
)
# What has colours of its own: the front page, code, pictures, signatures, printed tables.
IN_THE_DARK = ("", "tutorial/", "gallery/", "api/scoring/", "notebooks/scores/")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Where the site is served: from files its search would not run."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize(
    ("place", "scheme"),
    [(place, "light") for place in PAGES] + [(place, "dark") for place in IN_THE_DARK],
)
def test_axe_finds_nothing_and_nothing_comes_from_elsewhere(browser, address, place, scheme):
    page = browser.new_page(color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + place)
    page.wait_for_load_state("networkidle")
    dark = page.locator("body[data-md-color-scheme=slate]").count()
    assert dark == (scheme == "dark")
    assert findings(page) == []
    assert [url for url in asked if not url.startswith(address)] == []
    page.close()
