"""Folders of yaml files beside our own: of installed packages, and those on the command line."""

import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from hydra._internal.utils import get_args_parser
from hydra.core.override_parser.overrides_parser import OverridesParser

from ..config_folder import config_folder

# Packages that bring yaml files of their own name the folder by an entry point of this group.
CONFIGS = "ecglens.configs"
SEARCHED = "hydra.searchpath="


def find_own_configs() -> None:
    """Let Hydra search the yaml files of installed packages, after those of the command line.

    Raises ValueError for two files of one name, of which Hydra would read the first in silence.
    """
    sys.argv = with_installed(sys.argv)
    check_names([config_folder(), *_folders()])


def with_installed(words: Sequence[str]) -> list[str]:
    """The words of a command line with the folders of installed packages in hydra.searchpath."""
    installed = sorted(f"pkg://{each.value}" for each in entry_points(group=CONFIGS))
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


def check_names(folders: Sequence[Path]) -> None:
    """Raise ValueError where a folder has a yaml file of a name that one before it has."""
    first: dict[Path, Path] = {}
    for folder in folders:
        for file in (*folder.glob("*.yaml"), *folder.glob("*/*.yaml")):
            name = file.relative_to(folder)
            other = first.setdefault(name, file.resolve())
            if file.resolve() != other:
                raise ValueError(
                    f"expected another name than {name.with_suffix('')}, which {other} has "
                    f"already, got {file}; rename it"
                )


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
    try:
        found = find_spec(place) if kind == "pkg" else None
    except ModuleNotFoundError:  # Hydra warns of it
        return []
    return [Path(each) for each in (found.submodule_search_locations or ())] if found else []
