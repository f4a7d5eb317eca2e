"""XML of unknown origin: no entity is expanded, nothing is fetched, numbers are checked."""

from math import isfinite, nan
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import parse

from .files import damage_named


def read_xml(path: Path, root: str) -> Element:
    """Root element, which must have this name in any namespace.

    Internal and external entities are refused: a few lines of them can fill the memory or read
    other files. Raises OSError for a missing file, ValueError for anything else.
    """
    try:
        with damage_named(path.name):
            found = parse(path).getroot()
    except ValueError as problem:
        if isinstance(problem.__cause__, DefusedXmlException):
            raise ValueError(
                f"expected XML without entities in {path.name}, got {problem.__cause__}; "
                "a recorder writes none: do not open this file elsewhere"
            ) from None
        raise
    name = "" if found is None else local(found)
    if found is None or name != root:
        raise ValueError(f"expected <{root}> in {path.name}, got <{name}>")
    return found


def local(element: Element) -> str:
    """Name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def below(element: Element, path: str) -> list[Element]:
    """All elements at a path such as "waveforms/repbeats", in any namespace."""
    return element.findall("/".join(f"{{*}}{name}" for name in path.split("/")))


def text(element: Element, path: str) -> str | None:
    """Text of the element at a path, "" if it is empty; None without such an element."""
    found = below(element, path)
    return (found[0].text or "").strip() if found else None


def number(words: str | None) -> float:
    """Number in a text; NaN for None, for a text such as "Failed", and for infinity."""
    try:
        value = float(words or "")
    except ValueError:
        return nan
    return value if isfinite(value) else nan
