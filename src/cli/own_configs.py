"""Folders of yaml files beside our own: of installed packages, and those on the command line."""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from hydra._internal.utils import get_args_parser
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin

from ..jobs import read_yaml
from ..registry import check_names, folders, places
from ..store import read_text
from ..trust import TRUST, check_trusted, find_own_modules

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
    check_names([*folders(), *_folders()])
    search_installed()
    find_own_modules()


class Installed(SearchPathPlugin):
    """Lets Hydra read the yaml files of installed packages, whatever the words of the command."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Add the folders that packages offer as ecglens.configs; no package is imported for it."""
        for folder in folders()[1:]:
            search_path.append("ecglens", f"file://{folder}")


def search_installed() -> None:
    """Let Hydra search the yaml files of installed packages, its --help too."""
    Plugins.instance().register(Installed)


def _check_trusted(folders: Iterable[Path]) -> None:
    """Raise ValueError for yaml files that name what is not installed, or change Hydra itself.

    Hydra calls what its own settings name before ours are read.
    """
    for file in (file for folder in folders for file in sorted(folder.rglob("*.y*ml"))):
        settings = read_yaml(file)
        check_trusted(settings, file, TRUST)
        if HYDRAS_OWN.search(read_text(file) + str(settings)):
            raise ValueError(
                f"expected in {file} no settings of Hydra itself and none that are computed, which "
                f"can run any code. If you trust whoever made it, add {TRUST}"
            )


def _folders(packages: bool = True) -> Iterator[Path]:
    """Folders of --config-dir and hydra.searchpath, in the order in which Hydra searches them."""
    options, _ = get_args_parser().parse_known_args()
    if options.config_dir:
        yield Path(options.config_dir)
    if options.config_path and not packages:  # in place of our own, whose names it may have
        yield Path(options.config_path)
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
