"""Whom one must trust: what files of others may name, and the mark on what this user made.

docs/security.md is the page about it.
"""

import hmac
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .former import current
from .registry import OWN, TARGET, named, targets
from .store import Store, say_once, secret, write_text

CAPTUM = "captum.attr."
TRUST = "trust=true"  # the word of trust among settings; it counts on the command line alone
# Beside what the yaml files name; the class of captum that it takes is checked by itself.
OURS = ("ecglens.explain.Captum",)
KEY, SIGNATURE = "signing.key", "signature.txt"
ANYWHERE = b""  # no folder has this name


def foreign(settings: Any) -> list[str]:
    """Calls in these settings that neither ECGLens nor an installed package offers."""
    return [_spoken(each) for each in named(settings) if not _offered(each[TARGET])]


def check_trusted(settings: Any, source: object, allow: str = "--trust") -> None:
    """Raise ValueError that says what the settings of a stranger's file would call, if anything."""
    if found := foreign(settings):
        raise ValueError(
            f"expected in {source} what ECGLens or an installed package offers, got "
            f"{', '.join(found)}, which can run any code; it was not called. If you trust whoever "
            f"made it, add {allow}"
        )


def find_own_modules(safe: bool = sys.flags.safe_path) -> None:
    """Let settings name modules in the current folder, after all that are installed."""
    here = str(Path.cwd())
    if not safe and here not in sys.path:
        OWN.add(here)
        sys.path.append(here)


def sign(file: Path) -> None:
    """Mark a file as made by this user, and as made in this folder, in a file beside it.

    What settings name depends on the folder in which a command is started. Without a place for a
    key a line says that the mark is missing.
    """
    try:
        marks = f"{_signature(file, os.fsencode(Path.cwd()))}\n{_signature(file, ANYWHERE)}\n"
        write_text(file.with_name(SIGNATURE), marks)
    except (OSError, ValueError) as problem:
        say_once(f"{problem}; opening {file.parent} will need --trust")


def is_signed(file: Path) -> bool:
    """True if this user made the file, as it is, in this folder."""
    return _has_mark(file, os.fsencode(Path.cwd()))


def is_own(file: Path) -> bool:
    """True if this user made the file, as it is, in any folder."""
    return _has_mark(file, ANYWHERE)


def store_of(folder: str, *, own: bool, said: bool = True) -> Store:
    """The store that a run names if this user made the run or trusts it, else the user's own.

    The key of pseudonyms is in the store: in a folder that a stranger chose, it is theirs. A line
    says which store is used, once, unless not `said`. A run that named a folder by its place from
    where it was started ("store", as where ECGLENS_STORE was not set) has it there; ECGLENS_STORE
    says where that is from another folder, and where a store is that has moved.
    """
    place = os.environ.get("ECGLENS_STORE")
    named, mine = Store.at(folder), Store.at(place or "store")
    if own:
        return mine if place and (folder == "store" or not named.root.is_dir()) else named
    if said and named != mine:
        say_once(
            f"a run without your signature: its store {named.root} is not used, but {mine.root}"
        )
    return mine


def _has_mark(file: Path, folder: bytes) -> bool:
    marks = file.with_name(SIGNATURE)
    if not (marks.is_file() and (home() / KEY).is_file()):
        return False
    made = _signature(file, folder).encode()
    return any(hmac.compare_digest(each, made) for each in marks.read_bytes().split())


def _signature(file: Path, folder: bytes) -> str:
    key = secret(home(), KEY)
    return hmac.new(key, folder + b"\0" + file.read_bytes(), "sha256").hexdigest()


def home() -> Path:
    """Folder of the key: not in a store, whose folder may come with a stranger's run."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "ecglens"


def _offered(path: Any) -> bool:
    if not isinstance(path, str):
        return False
    captum = path.startswith(CAPTUM) and path.removeprefix(CAPTUM).isidentifier()
    return captum or path in OURS or current(path) in targets()


def _spoken(settings: Mapping[str, Any]) -> str:
    """The call as Python writes it, without settings that are not set."""
    known = {key: each for key, each in settings.items() if key != TARGET and _is_set(each)}
    given = (f"{key}={each!r}" for key, each in known.items())
    return f"{settings[TARGET]}({', '.join(given)})"


def _is_set(value: Any) -> bool:
    return any(map(_is_set, value.values())) if isinstance(value, Mapping) else value is not None
