"""The site has every page, and a reference of what the package offers."""

import inspect
import json
import re
from collections import Counter
from html import unescape
from pathlib import Path

import ecglens
import pytest

from ..test_docs import PAGES, ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
REFERENCE = ROOT / "docs" / "api"
LARGEST = 250_000  # bytes of a picture: the page of all of them loads in a second at 20 Mbit/s
FUNCTIONS = [name for name in ecglens.__all__ if name != "__version__"]


def words(html: str) -> str:
    """Text of a page without its tags, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


@pytest.mark.heavy
def test_the_site_has_every_page_and_no_broken_link(site):
    for page in PAGES[1:]:
        place = page.relative_to(ROOT / "docs").with_suffix("")
        folder = place.parent if place.name == "index" else place
        assert (site / folder / "index.html").is_file(), page


@pytest.mark.heavy
def test_findings_are_read_at_one_go_with_every_table_folded(site):
    page = (site / "findings" / "index.html").read_text(encoding="utf-8")
    text = page.split("<article")[1].split("</article>")[0]
    unfolded = re.sub(r"<details>\s*(<summary>.*?</summary>).*?</details>", r"\1", text, flags=re.S)
    assert "<table>" in text
    assert "<table>" not in unfolded
    assert "<details" not in unfolded
    assert len(re.findall(r"\S*\w\S*", words(unfolded))) <= 1500


def test_every_name_of_the_package_is_on_one_page_of_the_reference():
    pages = [page.read_text(encoding="utf-8") for page in REFERENCE.glob("*.md")]
    shown = Counter(re.findall(r"^::: ecglens\.(\w+)$", "\n".join(pages), re.MULTILINE))
    assert shown == Counter(ecglens.__all__)


def test_every_name_of_the_package_and_its_applications_is_in_the_table_of_functions():
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    rows = "\n".join(re.findall(r"^\|.*\|$", text, re.MULTILINE))
    named = {*re.findall(r"`(\w+)\(", rows)}
    assert named == {*dir(ecglens)} - {"__version__"}


@pytest.mark.heavy
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


def test_the_gallery_says_of_each_picture_what_it_shows_and_which_command_makes_it():
    text = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[([^]]+)\]\(images/([^)]+)\)\n\n(.+?)(?=\n\n|\Z)", text, re.DOTALL)
    assert len(shown) == text.count("![") == len({name for _, name, _ in shown})
    for alternative, name, said in shown:
        command = r"(?:Made by|With) `(?:make|python|ecglens) [^`]+`"
        assert re.search(command, " ".join(said.split())), name
        assert alternative not in said
        assert (ROOT / "docs" / "images" / name).stat().st_size < LARGEST


def test_every_picture_is_on_a_page():
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    folder = ROOT / "docs" / "images"
    files = [each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()]
    assert files
    assert [name for name in files if f"images/{name})" not in pages] == []


@pytest.mark.heavy
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_site_has_every_cell_of_the_notebook_and_its_file(path, site):
    page = (site / "notebooks" / path.stem / "index.html").read_text(encoding="utf-8")
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        first = cell["source"][0].strip().removeprefix("## ").removeprefix("# ")
        assert without_links(first) in words(page)
    assert f'href="../{path.name}"' in page
    assert (site / "notebooks" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.heavy
def test_links_to_notebooks_lead_to_their_pages(site):
    article = (site / "python" / "index.html").read_text(encoding="utf-8").split("<article")[1]
    assert all(f'href="../notebooks/{path.stem}/"' in article for path in NOTEBOOKS)


def without_links(markdown: str) -> str:
    return re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", markdown).replace("`", "")
