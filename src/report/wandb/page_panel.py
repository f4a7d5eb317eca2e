"""A page as a panel of W&B, where the files beside it are missing."""

import re
from pathlib import Path
from typing import Any

# Links to a place on the page (#…) and to an address (https:…) stay.
FILE_LINK = re.compile(r'<a href="(?!#|[a-z]+:)[^"]*"[^>]*>(.*?)</a>', re.DOTALL)


def page_panel(page: Path) -> Any:
    """The page for W&B; names of files beside it stay, without their links."""
    import wandb

    text = without_file_links(page.read_text(encoding="utf-8"))
    # As it is: W&B would have it load a style sheet from elsewhere.
    return wandb.Html(text, inject=False)


def without_file_links(page: str) -> str:
    """HTML in which links to files are plain text."""
    return FILE_LINK.sub(r"\1", page)
