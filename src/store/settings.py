"""Settings from a configuration against the dataclass that will hold them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from numbers import Integral, Real
from os import PathLike
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

# What a number of Python's or numpy's must be; True is neither an int nor a float.
NUMBERS = {int: Integral, float: Real}
ARTICLES = {
    int: "an int",
    float: "a float",
    str: "a str",
    bool: "a bool",
    NoneType: "None",
    Path: "a path",
}


def check_types(cls: type[Any], settings: Mapping[str, Any], where: str) -> None:
    """Raises ValueError for a setting that the dataclass does not have, or of another type.

    Understands int, float (an int will do), str, bool, None, Path (a str will do), Literal,
    Sequence, list and tuple (a configuration's list will do) and unions of them; any other
    annotation takes every value. `where` stands before the setting's name in the message, as in
    data.n.
    """
    hints = get_type_hints(cls)
    known = {field.name: hints[field.name] for field in fields(cls) if field.init}
    for name, value in settings.items():
        if name not in known:
            raise ValueError(f"expected in {where} {', '.join(known)}, got {name!r}")
        if not fits(value, known[name]):
            raise ValueError(f"expected {where}.{name} to be {words(known[name])}, got {value!r}")


def fits(value: Any, kind: Any) -> bool:
    """True when the value is of this type, or the type is none that is understood here."""
    origin, parts = get_origin(kind), get_args(kind)
    if kind in NUMBERS:
        return isinstance(value, NUMBERS[kind]) and not isinstance(value, bool)
    if kind is Path:
        return isinstance(value, str | PathLike)
    if kind in ARTICLES:
        return isinstance(value, kind)
    if origin is Literal:
        return any(type(value) is type(choice) and value == choice for choice in parts)
    if origin in (Union, UnionType):
        return any(fits(value, part) for part in parts)
    if origin in (list, Sequence) or (origin is tuple and parts[1:] == (...,)):
        return _is_list(value) and all(fits(item, parts[0]) for item in value)
    if origin is tuple:
        same_length = _is_list(value) and len(value) == len(parts)
        return same_length and all(map(fits, value, parts))
    return True


def words(kind: Any) -> str:
    """The type as a message names it."""
    origin, parts = get_origin(kind), get_args(kind)
    if kind in ARTICLES:
        return ARTICLES[kind]
    if origin is Literal:
        return "one of " + ", ".join(map(repr, parts))
    if origin in (Union, UnionType):
        return " or ".join(map(words, parts))
    if origin in (list, Sequence) or (origin is tuple and parts[1:] == (...,)):
        return f"a list, each item {words(parts[0])}"
    if origin is tuple:
        return f"a list of {len(parts)}: {', '.join(map(words, parts))}"
    return str(kind)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)
