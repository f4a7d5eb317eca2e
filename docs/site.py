"""The site has the pages of docs/ and the notebooks; links to other files become their text."""

import json
import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
UP = re.compile(r"\[([^\]]+)\]\((\.\./[^)\s]*)\)")
SEARCH = 'data-md-component="search" role="dialog"'
EMPTY = re.compile(r"<th( [^>]*)?>\s*</th>")  # of a table


def on_files(files: Files, config: MkDocsConfig, **_: Any) -> None:
    """Add each notebook: a page to read, and the file to run."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        at = f"{NOTEBOOKS.name}/{path.name}"
        files.append(File.generated(config, at, abs_src_path=str(path)))
        files.append(File.generated(config, _page_of(at), content=_markdown(path)))


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """The page with links to notebooks, and without links to other files beside docs/."""
    here = posixpath.dirname(page.file.src_uri)

    def led(link: re.Match[str]) -> str:
        text, target = link[1], link[2]
        place = posixpath.normpath(posixpath.join(here, target))
        if not place.startswith("../"):
            return link[0]
        if place.endswith(".ipynb"):
            return f"[{text}]({posixpath.relpath(_page_of(place[3:]), here or '.')})"
        return text

    return UP.sub(led, markdown)


def on_post_page(output: str, **_: Any) -> str:
    """The page for those who hear it: the search has a name, an empty corner is no heading."""
    return EMPTY.sub(r"<td\1></td>", output.replace(SEARCH, f'{SEARCH} aria-label="Search"'))


def _page_of(notebook: str) -> str:
    return notebook.replace(".ipynb", ".md")


def _markdown(path: Path) -> str:
    """Cells of a notebook as a page; they are saved without outputs."""
    title, *cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    parts = ["".join(title["source"]), f"The notebook: [{path.name}]({path.name})."]
    for cell in cells:
        source = "".join(cell["source"])
        parts.append(source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```")
    return "\n\n".join(parts).replace("](../docs/", "](../")
