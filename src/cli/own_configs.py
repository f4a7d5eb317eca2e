"""Folders of yaml files beside our own: of installed packages, and those on the command line."""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import yaml
from hydra._internal.utils import get_args_parser
from hydra.core.override_parser.overrides_parser import OverridesParser

from ..registry import check_names, folders, offered, places
from ..trust import check_trusted, find_own_modules

TRUST = "trust=true"
# Hydra's own settings, and resolvers that make settings of a text.
HYDRAS_OWN = re.compile(r"\bhydra\b|oc\.(decode|create)|\$\{\$\{")
SEARCHED = "hydra.searchpath="


def find_own_configs() -> None:
    """Let Hydra search the yaml files of installed packages, after those of the command line.

    Raises ValueError for two files of one name, of which Hydra would read the first in silence,
    and for folders of yaml files that name other classes than installed ones, without trust=true.
    """
    if TRUST not in sys.argv:
        _check_trusted(_folders(packages=False))
    sys.argv = with_installed(sys.argv)
    check_names([*folders(), *_folders()])
    find_own_modules()


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


def _check_trusted(folders: Iterable[Path]) -> None:
    """Raise ValueError for yaml files that name what is not installed, or change Hydra itself.

    Hydra calls what its own settings name before ours are read.
    """
    for file in (file for folder in folders for file in sorted(folder.rglob("*.y*ml"))):
        text = file.read_text(encoding="utf-8")
        try:
            settings = yaml.safe_load(text)
        except yaml.YAMLError:
            continue  # Hydra says what is wrong
        check_trusted(settings, file, TRUST)
        if HYDRAS_OWN.search(text + str(settings)):
            raise ValueError(
                f"expected in {file} no settings of Hydra itself and none that are computed, which "
                f"can run any code. If you trust whoever made it, add {TRUST}"
            )


def _folders(packages: bool = True) -> Iterator[Path]:
    """Folders of --config-dir and hydra.searchpath, in the order in which Hydra searches them."""
    options, _ = get_args_parser().parse_known_args()
    if options.config_dir:
        yield Path(options.config_dir)
    for word in options.overrides:
        if word.startswith(SEARCHED):
            value = OverridesParser.create().parse_override(word).value()
            for each in value if isinstance(value, list) else ():
                if packages or not str(each).startswith("pkg://"):
                    yield from _places(str(each))


def _places(searched: str) -> list[Path]:
    """Folders of an entry such as pkg://my_package.conf or file:///my/configs; none if missing."""
    kind, mark, place = searched.partition("://")
    if not mark or kind == "file":
        return [Path(place if mark else searched)]
    return places(place) if kind == "pkg" else []  # Hydra warns of a package that is missing
