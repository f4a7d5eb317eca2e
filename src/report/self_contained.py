"""Pages that ask for nothing outside themselves: their templates, style, and files beside them."""

from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..store import atomic_path
from .style import style
from .text.numerals import fixed, number, percent, probability, whole


@cache  # a template is compiled once
def environment(*rooms: str) -> Environment:
    """Reads the templates of these rooms, such as "ecglens.study", and last of this one.

    All text is escaped, an unknown name is an error. Callers share it and change nothing.
    """
    found = Environment(
        loader=ChoiceLoader(
            [PackageLoader(room, "templates") for room in (*rooms, "ecglens.report")]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "fixed": fixed,
        "number": number,
        "whole": whole,
        "percent": percent,
        "probability": probability,
        "label": lambda name: style(name).label,
    }
    found.globals["own_file"] = own_file
    return found


def own_file(name: str) -> Markup:
    """A file of the templates folder as it is."""
    return Markup((files("ecglens.report") / "templates" / name).read_text(encoding="utf-8"))


def write_file(path: Path, content: bytes) -> Path:
    """Write bytes atomically; the path."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)
    return path
