"""Whom one must trust: what files of others may name, and the mark on what this user made.

docs/security.md is the page about it.
"""

import hmac
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .registry import OWN, TARGET, named, targets
from .store import secret, write_text

CAPTUM = "captum.attr."
# Beside what the yaml files name; the class of captum that it takes is checked by itself.
OURS = ("ecglens.explain.Captum",)
KEY, SIGNATURE = "signing.key", "signature.txt"


def foreign(settings: Any) -> list[str]:
    """What these settings would call that neither ECGLens nor an installed package offers."""
    return [_spoken(each) for each in named(settings) if not _offered(each[TARGET])]


def check_trusted(settings: Any, source: object, allow: str = "--trust") -> None:
    """Raise ValueError that says what the settings of a stranger's file would call, if anything."""
    if found := foreign(settings):
        raise ValueError(
            f"expected in {source} what ECGLens or an installed package offers, got "
            f"{', '.join(found)}, which can run any code; it was not called. If you trust whoever "
            f"made it, add {allow}"
        )


def find_own_modules() -> None:
    """Let settings name modules in the current folder, after all that are installed."""
    here = str(Path.cwd())
    if not sys.flags.safe_path and here not in sys.path:
        OWN.add(here)
        sys.path.append(here)


def sign(file: Path) -> None:
    """Mark a file as made by this user in this folder, in a file beside it.

    What settings name depends on the folder in which a command is started. Without a place for a
    key a line says that the mark is missing.
    """
    try:
        write_text(file.with_name(SIGNATURE), _signature(file) + "\n")
    except (OSError, ValueError) as problem:
        print(f"{problem}; opening {file.parent} will need --trust", file=sys.stderr)


def is_signed(file: Path) -> bool:
    """Whether this user made the file, as it is, in this folder."""
    mark = file.with_name(SIGNATURE)
    if not (mark.is_file() and (_home() / KEY).is_file()):
        return False
    return hmac.compare_digest(mark.read_bytes().strip(), _signature(file).encode())


def _signature(file: Path) -> str:
    key = secret(_home(), KEY)
    return hmac.new(key, os.fsencode(Path.cwd()) + b"\0" + file.read_bytes(), "sha256").hexdigest()


def _home() -> Path:
    """Where the key is: not in a store, whose folder may come with a stranger's run."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "ecglens"


def _offered(path: Any) -> bool:
    if not isinstance(path, str):
        return False
    captum = path.startswith(CAPTUM) and path.removeprefix(CAPTUM).isidentifier()
    return captum or path in OURS or path in targets()


def _spoken(settings: Mapping[str, Any]) -> str:
    """As Python would write the call."""
    given = (f"{key}={each!r}" for key, each in settings.items() if key != TARGET)
    return f"{settings[TARGET]}({', '.join(given)})"
