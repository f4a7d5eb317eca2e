"""The site has every page, and a reference of what the package offers."""

import inspect
import re
from collections import Counter
from html import unescape
from pathlib import Path

import ecglens
import pytest

from ..test_docs import PAGES, ROOT

REFERENCE = ROOT / "docs" / "api"
FUNCTIONS = [name for name in ecglens.__all__ if name != "__version__"]


def words(html: str) -> str:
    """Text of a page without its tags, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def test_the_site_has_every_page_and_no_broken_link(site):
    for page in PAGES[1:]:
        place = page.relative_to(ROOT / "docs").with_suffix("")
        folder = place.parent if place.name == "index" else place
        assert (site / folder / "index.html").is_file(), page


def test_every_name_of_the_package_is_on_one_page_of_the_reference():
    pages = [page.read_text(encoding="utf-8") for page in REFERENCE.glob("*.md")]
    shown = Counter(re.findall(r"^::: ecglens\.(\w+)$", "\n".join(pages), re.MULTILINE))
    assert shown == Counter(ecglens.__all__)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_reference_has_the_parameters_and_the_docstring_of(name, site):
    face = getattr(ecglens, name)
    place = f'id="ecglens.{name}"'
    (page,) = [text for text in read(site / "api") if place in text]
    own = words(f"<h2 {page.split(place)[1].split('<h2')[0]}")
    asked = [each for each in inspect.signature(face).parameters if each != "settings"]
    assert asked
    assert all(re.search(rf"\b{each}\b", own) for each in asked)
    first = (inspect.getdoc(face) or "").split("\n\n")[0]
    assert " ".join(first.replace("`", "").split()) in own


def read(folder: Path) -> list[str]:
    """Text of every page in a folder of the site."""
    return [path.read_text(encoding="utf-8") for path in folder.rglob("index.html")]
