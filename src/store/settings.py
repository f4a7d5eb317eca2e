"""Settings from a configuration, checked against the dataclass that will hold them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from os import PathLike, fspath
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import PydanticSchemaGenerationError, TypeAdapter

ARTICLES = {
    int: "an int",
    float: "a float",
    str: "a str",
    bool: "a bool",
    NoneType: "None",
    Path: "a path",
}


def check_types(cls: type[Any], settings: Mapping[str, Any], where: str) -> None:
    """Check settings against the annotations of the dataclass `cls`.

    An int will do for a float, a list for a tuple, a str for a Path; nothing else is converted. An
    annotation that pydantic has no schema for takes every value. `where` stands before the
    setting's name in the message, as in data.n. Raises ValueError for a setting that the dataclass
    does not have, and for a value of another type.
    """
    hints = get_type_hints(cls)
    known = {field.name: hints[field.name] for field in fields(cls) if field.init}
    for name, value in settings.items():
        if name not in known:
            raise ValueError(f"expected in {where} {', '.join(known)}, got {name!r}")
        if not fits(value, known[name]):
            raise ValueError(f"expected {where}.{name} to be {words(known[name])}, got {value!r}")


def fits(value: Any, kind: Any) -> bool:
    """Whether the value, written as JSON, is of this type without any conversion."""
    adapter = _adapter(kind)
    if adapter is None:
        return True
    if isinstance(value, PathLike) and Path in (kind, *get_args(kind)):
        value = fspath(value)
    try:
        # As JSON, because a list is then strictly a list, whether the type is a list or a tuple.
        text = json.dumps(value, default=_number, ensure_ascii=False)
        found = adapter.validate_json(text.encode(errors="replace"), strict=True)
    except (TypeError, ValueError):  # pydantic's ValidationError is a ValueError
        return False
    return not (isinstance(value, float) and isinstance(found, int))  # 2.0 for Literal[2]


def words(kind: Any) -> str:
    """Name of the type in a message."""
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
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"a mapping, each value {words(parts[1])}"
    return str(kind)


@cache
def _adapter(kind: Any) -> Any:  # beartype has no hint for a TypeAdapter
    """Validator of this type; None where pydantic has no schema for it."""
    try:
        return TypeAdapter(kind)
    except PydanticSchemaGenerationError:
        return None


def _number(value: Any) -> Any:
    """Plain number of a NumPy scalar; TypeError for everything else that is not JSON."""
    if type(value).__module__ == "numpy" and value.shape == ():
        return value.item()
    raise TypeError(f"expected plain settings, got {value!r}")
