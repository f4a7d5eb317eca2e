"""Settings: their fingerprint, their types, classes by import path, and shares of work."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib import import_module
from os import PathLike, fspath
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import PydanticSchemaGenerationError, TypeAdapter

# 16 hexadecimal digits = 64 bits: two of a million results collide with probability 3e-8.
DIGITS = 16


def fingerprint(settings: Mapping[str, Any], default: Callable[[Any], Any] | None = None) -> str:
    """Hash of plain settings (dict, list, str, number, bool, None), independent of key order.

    `default` makes plain settings of other values. Raises TypeError for a value without an exact
    text, such as a tensor or an open file, and ValueError for names that are one text (1 and "1").
    """
    # Python writes the shortest decimal that is read back as the same float: floats are exact.
    # Keys are sorted as the texts that they are in a file: 10 before 2.
    plain = json.loads(json.dumps(settings, default=default), object_pairs_hook=_named_once)
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def _named_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) < len(pairs):
        twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
        raise ValueError(f"expected names that differ as text, got {twice[:3]} twice; rename one")
    return found


def flat(settings: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each value of settings within settings, by the names of its place, in order."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from (((str(name), *below), each) for below, each in flat(value))
        else:
            yield (str(name),), value


# Words that Hydra reads as something else.
WORDS = ("null", "true", "false", "nan", "inf")


def quoted(path: str | PathLike[str]) -> str:
    """A path with any signs as a value that Hydra reads: in quotes, unless it needs none."""
    text = fspath(path)
    if re.fullmatch(r"([A-Za-z_/]|\.+/)[\w./+-]*", text, re.ASCII) and text.lower() not in WORDS:
        return text
    # A backslash counts before a quote alone.
    text = re.sub(r"(\\*)('|$)", r"\1\1\2", text).replace("'", r"\'")
    return f"'{text}'"


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


def unset(cls: type[Any], settings: Mapping[str, Any]) -> list[str]:
    """Settings of the dataclass `cls` without a default that are not given."""
    needed = (one for one in fields(cls) if one.init and one.default is MISSING)
    return [
        one.name for one in needed if one.default_factory is MISSING and one.name not in settings
    ]


def fits(value: Any, kind: Any) -> bool:
    """True if the value, written as JSON, is of this type without any conversion."""
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


def class_at(path: str, where: str, makes: type[Any] | None = None) -> type[Any]:
    """The class at an import path such as "my_package.MyReader".

    `where` is the name of the setting in the message. With `makes` a function that is declared to
    return such a class is taken as well. Raises ValueError when there is no such class; an error
    inside the module itself is passed on.
    """
    module, _, name = path.rpartition(".")
    advice = "give package.module.Class, and put the package on PYTHONPATH or install it"
    refused = f"expected in {where} the import path of a class, got {path!r}"
    if not module:
        raise ValueError(f"{refused}; {advice}")
    try:
        kind = getattr(import_module(module), name)
    except ModuleNotFoundError as problem:
        if problem.name is None or not f"{module}.".startswith(f"{problem.name}."):
            raise  # the module is there, and imports something that is not
        raise ValueError(f"{refused}: there is no module {problem.name}; {advice}") from None
    except AttributeError:
        raise ValueError(f"{refused}: there is no {name} in {module}") from None
    declared = makes is not None and issubclass(made_by(kind), makes)
    if not (isinstance(kind, type) or declared):
        raise ValueError(f"expected in {where} a class, got {path!r}, which is {kind!r}")
    return kind


def made_by(maker: Any) -> type[Any]:
    """A class itself; the class that a function is declared to return, NoneType where none is."""
    if isinstance(maker, type):
        return maker
    try:
        made = get_type_hints(maker).get("return")
    except (TypeError, NameError):  # no function; or names that only type checkers know
        made = None
    return made if isinstance(made, type) else NoneType


def class_path(kind: type[Any]) -> str:
    """Import path of a class, as `class_at` takes it."""
    return f"{kind.__module__}.{kind.__qualname__}"


@dataclass(frozen=True)
class Shard:
    """Every `of`-th piece of work from the `number`-th on, counted from 1."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Shard of a text such as "3/64"; ValueError for another text and for 0/64 and 65/64."""
        found = re.fullmatch(r"(\d+)/(\d+)", text)
        if found is None or not 1 <= int(found[1]) <= int(found[2]):
            raise ValueError(
                f"expected shard as number/shards, from 1/4 to 4/4 for 4 shards, got {text!r}"
            )
        return cls(int(found[1]), int(found[2]))

    def __contains__(self, piece: int) -> bool:
        """True if a piece, counted from 0, belongs to this shard."""
        return piece % self.of == self.number - 1

    def __str__(self) -> str:
        return f"shard {self.number} of {self.of}"


WHOLE = Shard(1, 1)  # all of the work
