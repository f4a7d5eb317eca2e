"""Texts that name ECGs, people, files or paths, said without them."""

import re
from collections.abc import Collection, Mapping
from pathlib import PurePath
from typing import Any

from ...datamodules import all_may_leave, may_leave
from .pseudonyms import Pseudonyms

# An error says what was expected, what came and what to do; what came may be anything in a file.
CAME = re.compile(r"\bgot\b.*", re.DOTALL)
QUOTED = re.compile(r"""'[^']*'|"[^"]*"|“[^”]*”""")
# A path, a file with its ending, a number: all are names somewhere. Up to three digits are none.
TELLING = re.compile(r"\S*(?:[/\\\d]|\w\.\w)\S*")
HARMLESS = re.compile(r"[([]?[±<>≤≥]?(?:\d{1,3}|V[1-6])%?[)\]]?[.,:;]?")
SHORTEST = 3  # letters of a part of a name; shorter ones are in every sentence
# Settings whose text is a path of this machine even if it looks like a word.
PATHS = ("path", "store", "table", "weights")
FILE = re.compile(r"\w\.\w")  # a name with its ending
# Of a source of ECGs its reader, how it is split and read: words of ours, or of a column.
SAID = ("name", "input", "split", "unit", "missing_lead")
# The import path of a class, which is code.
CLASS, IMPORT_PATH = "_target_", re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def plain_reason(reason: str, name: str) -> str:
    """The kind of a reason, without what came and without anything that may name the ECG."""
    text = QUOTED.sub("…", CAME.sub("got …", reason))
    path = PurePath(name)
    text = _without(text, {name, path.name, path.stem})
    # Before the parts of the name: "jones.hea" is told by its ending, which may be one of them.
    text = TELLING.sub(lambda found: found[0] if HARMLESS.fullmatch(found[0]) else "…", text)
    return _without(text, {part for part in re.split(r"[\W\d_]+", name) if len(part) >= SHORTEST})


def _without(text: str, words: Collection[str]) -> str:
    for word in sorted({*words} - {""}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "…", text, flags=re.IGNORECASE)
    return text


def plain_settings(settings: Mapping[str, Any], names: Pseudonyms) -> dict[str, Any]:
    """The settings of a job, with pseudonyms for what is said of ECGs that may not leave.

    Every text of these but the reader's name and class; if there are any, every path of this
    machine as well.
    """
    data = settings.get("data", {})
    if all_may_leave(data):
        return dict(settings)
    return {
        key: plain_source(data, names) if key == "data" else _without_paths(key, value, names)
        for key, value in settings.items()
    }


def plain_source(source: Mapping[str, Any], names: Pseudonyms) -> dict[str, Any]:
    """The settings of a source and of one beside it: no texts, or no paths where it may leave."""
    hide = _without_paths if may_leave(source) else _without_text
    plain = {
        key: value if key in SAID else hide(key, value, names)
        for key, value in source.items()
        if key != "external"
    }
    beside = source.get("external")
    return plain | {"external": plain_source(beside, names)} if beside else plain


def withheld(text: str, names: Pseudonyms) -> str:
    """What stands for a setting: the same for the same text, so that runs can be compared."""
    return f"withheld {names.of('setting', text)}"


def _without_text(key: str, value: Any, names: Pseudonyms) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_text(name, each, names) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_text(key, each, names) for each in value]
    if not isinstance(value, str) or not value or (key == CLASS and IMPORT_PATH.fullmatch(value)):
        return value
    return withheld(value, names)


def _without_paths(key: str, value: Any, names: Pseudonyms) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_paths(name, each, names) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_paths(key, each, names) for each in value]
    if (
        not isinstance(value, str)
        or key == "unit"
        or (key == CLASS and IMPORT_PATH.fullmatch(value))
    ):
        return value
    is_path = "/" in value or "\\" in value or FILE.search(value) or (key in PATHS and value)
    return withheld(value, names) if is_path else value
