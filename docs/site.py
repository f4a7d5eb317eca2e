"""On the site, which has the pages of docs/ alone, links to other files become their text."""

import re
from typing import Any

OUTSIDE = re.compile(r"\[([^\]]+)\]\(\.\./[^)\s]*\)")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page without links to files beside docs/."""
    return OUTSIDE.sub(r"\1", markdown)
