"""On the site, which has the pages of docs/ alone, links to other files become their text."""

import posixpath
import re
from typing import Any

from mkdocs.structure.pages import Page

UP = re.compile(r"\[([^\]]+)\]\((\.\./[^)\s]*)\)")


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """The page without links to files beside docs/."""
    here = posixpath.dirname(page.file.src_uri)

    def within(link: re.Match[str]) -> str:
        outside = posixpath.normpath(posixpath.join(here, link[2])).startswith("../")
        return link[1] if outside else link[0]

    return UP.sub(within, markdown)
