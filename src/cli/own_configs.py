"""Folders of yaml files beside our own: of installed packages, and those on the command line."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from hydra._internal.utils import get_args_parser
from hydra.core.override_parser.overrides_parser import OverridesParser

from ..registry import check_names, folders, offered, places

SEARCHED = "hydra.searchpath="


def find_own_configs() -> None:
    """Let Hydra search the yaml files of installed packages, after those of the command line.

    Raises ValueError for two files of one name, of which Hydra would read the first in silence.
    """
    sys.argv = with_installed(sys.argv)
    check_names([*folders(), *_folders()])


def with_installed(words: Sequence[str]) -> list[str]:
    """The words of a command line with the folders of installed packages in hydra.searchpath."""
    installed = sorted(f"pkg://{each.value}" for each in offered("configs").values())
    return with_folders(words, installed) if installed else [*words]


def with_folders(words: Sequence[str], folders: Sequence[str]) -> list[str]:
    """The words of a command line with these folders at the end of hydra.searchpath."""
    more = ",".join(folders)
    found = [*words]
    for place, word in enumerate(words):
        if word.startswith(SEARCHED):
            # Any other form than a list is Hydra's to refuse.
            given = word.removesuffix("]")
            between = "" if given.endswith("[") else ","
            found[place] = f"{given}{between}{more}]" if word.endswith("]") else word
            return found
    return [*found, f"{SEARCHED}[{more}]"]


def _folders() -> Iterator[Path]:
    """Folders of --config-dir and hydra.searchpath, in the order in which Hydra searches them."""
    options, _ = get_args_parser().parse_known_args()
    if options.config_dir:
        yield Path(options.config_dir)
    for word in options.overrides:
        if word.startswith(SEARCHED):
            value = OverridesParser.create().parse_override(word).value()
            for each in value if isinstance(value, list) else ():
                yield from _places(str(each))


def _places(searched: str) -> list[Path]:
    """Folders of an entry such as pkg://my_package.conf or file:///my/configs; none if missing."""
    kind, mark, place = searched.partition("://")
    if not mark or kind == "file":
        return [Path(place if mark else searched)]
    return places(place) if kind == "pkg" else []  # Hydra warns of a package that is missing
