"""Keys of views: the names of their files, and their places on a page."""

import re
from collections.abc import Collection

LONGEST_KEY = 120  # characters; a file's name may have 255


def unique_key(words: str, taken: Collection[str]) -> str:
    """The words in small letters, digits and hyphens, with a number where that is taken."""
    plain = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:LONGEST_KEY] or "network"
    key, count = plain, 1
    while key in taken:
        count += 1
        key = f"{plain}-{count}"
    return key
