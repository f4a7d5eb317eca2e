"""Registry of names: yaml files, and what installed packages offer by entry points.

It alone reads configs/ and the folders that installed packages name in `ecglens.configs`, so that
a name is known from Python and on the command line alike.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from difflib import get_close_matches
from functools import cache
from importlib.metadata import EntryPoint, EntryPoints, distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

# libyaml reads the yaml files in a tenth of the time; PyYAML may have been built without it.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
PRINTED = "printed.yaml"  # in each folder: how pages write its names
# What may be said of a name of each group there.
PARTS = {"method": ("label", "colour"), "target": ("label",), "evaluation": ("label",)}
# Packages in apps/ that others there need: pip would look for them on PyPI, where they are not.
NEEDS = {
    "audit": "paper",
    "benchmark": "measure metrics sheets zoo",
    "export": "sheets",
    "measure": "sheets",
    "open": "measure sheets study",
    "reproductions": "compare formats metrics paper relevance",
    "tables": "sheets",
}
# Names that each package in apps/ offers, by their group.
BESIDE = {
    "audit": {"commands": "audit", "api": "audit"},
    "benchmark": {"commands": "benchmark claim dataset leaderboard", "api": "benchmark claim"},
    "compare": {"commands": "collect compare workspace"},
    "export": {"commands": "export", "api": "export load_network"},
    "formats": {
        "data": "aecg cinc code15 cpsc2018 deepfake_files dicom ludb mimic_iv_ecg mixed muse "
        "philips ptbxl wfdb_archive",
        "files": "recorders .dcm .wfdb .xml",
    },
    "measure": {
        "commands": "measure whatif",
        "api": "change measure_network",
        "evaluation": "measure",
    },
    "metrics": {
        "evaluation": "axioms consistency counterfactuals degradation effects localisation "
        "shortcuts similarity"
    },
    "open": {"commands": "open"},
    "paper": {"commands": "figure"},
    "plan": {"commands": "plan", "api": "plan"},
    "prepare": {"commands": "prepare store"},
    "relevance": {
        "evaluation": "relevance",
        "experiment": "bender2023 bender2023_cpsc2018 bender2023_errors bender2023_ptbxl",
    },
    "reproductions": {"commands": "reproduce", "experiment": "arends2026 arends2026_ptbxl"},
    "sheets": {"commands": "explain", "api": "explain_records"},
    "study": {"commands": "study", "api": "create_study"},
    "tables": {"commands": "table", "api": "write_part"},
    "zoo": {"model": "crnn inception inception_time net1d ribeiro ribeiro_age st_mem xresnet1d101"},
}
# Key of the import path of what is called with the settings beside it.
TARGET = "_target_"
# Folders on the path in which only modules are looked for that the command line names.
OWN: set[str] = set()


def config_folder() -> Path:
    """Folder of our own yaml files: inside the package in a wheel, beside src/ otherwise."""
    package = Path(__file__).resolve().parent  # a linked src/ has no configs beside the link
    inside = package / "configs"
    return inside if inside.is_dir() else package.parent / "configs"


def folders() -> tuple[Path, ...]:
    """Our own folder of yaml files, then those of installed packages.

    Raises ValueError for two files of one name, and for a printed.yaml that cannot be used.
    """
    return _folders(tuple(sys.path))


def names(group: str) -> tuple[str, ...]:
    """Names of the yaml files of a group, such as "method", in the order of the alphabet."""
    return tuple(_files(group, folders()))


def settings(group: str, name: str) -> dict[str, Any]:
    """Settings in the yaml file of this name in a group; ValueError for an unknown name."""
    files = _files(group, folders())
    if name not in files:
        article = "an" if group[0] in "aeiou" else "a"
        raise ValueError(missing(group, name) or unknown(f"{article} {group}", name, [*files]))
    return deepcopy(_read(files[name]))


def unknown(what: str, name: object, known: Sequence[str]) -> str:
    """Message for a name that is not known, with the known ones, the nearest first."""
    nearest = get_close_matches(str(name), known, n=len(known), cutoff=0.6)
    ordered = [*nearest, *(other for other in known if other not in nearest)]
    return f"expected {what} ({', '.join(ordered) or 'there is none'}), got {name!r}"


def printed(group: str, name: str) -> dict[str, str]:
    """Printed name by an installed package: `label`, and `colour` of a method; else empty.

    The file was checked when its folder was found (`folders`).
    """
    said = (_read(folder / PRINTED) for folder in folders() if (folder / PRINTED).is_file())
    found = next((each[group][name] for each in said if name in each.get(group, {})), {})
    return {"label": found} if isinstance(found, str) else found


def places(module: str) -> list[Path]:
    """Folders of a package of yaml files, such as my_package.conf; none where it is missing.

    No package is imported for it.
    """
    top, *below = module.split(".")
    found = find_spec(top)
    roots = (found.submodule_search_locations if found else None) or ()
    every = (Path(each, *below) for each in roots)
    return [each for each in every if each.is_dir()]


def check_names(searched: Sequence[Path]) -> None:
    """Raise ValueError where a folder has a yaml file of a name that one before it has."""
    first: dict[Path, Path] = {}
    for folder in searched:
        for file in (*folder.glob("*.yaml"), *folder.glob("*/*.yaml")):
            name = file.relative_to(folder)
            other = first.setdefault(name, file.resolve())
            if file.resolve() != other and name != Path(PRINTED):
                raise ValueError(
                    f"expected another name than {name.with_suffix('')}, which {other} has "
                    f"already, got {file}; rename it"
                )


def offered(group: str) -> dict[str, EntryPoint]:
    """Entry points of the group ecglens.GROUP by name, of all packages on the path.

    The folders of OWN are left out: what lies there has not been installed.
    Raises ValueError for a name that two packages offer.
    """
    return dict(_offered(group, tuple(place for place in sys.path if place not in OWN)))


@cache
def _offered(group: str, path: tuple[str, ...]) -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    # The first of two copies of a package is the one that Python imports.
    packages: dict[str, EntryPoints] = {}
    for package in distributions(path=[*path]):
        if points := package.entry_points.select(group=f"ecglens.{group}"):
            packages.setdefault(package.name, points)
    for each in (each for points in packages.values() for each in points):
        other = found.setdefault(each.name, each)
        if other.value != each.value:
            raise ValueError(
                f"expected {each.name} of ecglens.{group} from one package, got it from "
                f"{_package(other)} and {_package(each)}; uninstall one of them"
            )
    return found


def missing(group: str, name: str) -> str:
    """Sentence on the package beside the core that offers a name of a group; "" for none.

    It is for a name that was not found: an installed package offers its names.
    """
    having = (each for each, offers in BESIDE.items() if name in offers.get(group, "").split())
    package = next(having, "")
    return f"{name} {not_installed(package)}" if package else ""


def not_installed(package: str) -> str:
    """End of the sentence on something that a package beside the core has."""
    folders = " ".join(f"./apps/{each}" for each in (*NEEDS.get(package, "").split(), package))
    return (
        f"comes with the package ecglens-{package}, which is not installed; "
        f"pip install {folders} in a copy of the repository"
    )


@cache
def _folders(path: tuple[str, ...]) -> tuple[Path, ...]:
    modules = sorted(each.value for each in offered("configs").values())
    found = (config_folder(), *(folder for module in modules for folder in places(module)))
    check_names(found)
    for folder in found:
        _check_printed(folder)
    return found


def _check_printed(folder: Path) -> None:
    """Raise ValueError for what would be passed over or fail once all is computed."""
    file = folder / PRINTED
    every = _read(file) if file.is_file() else {}
    for group, said in every.items():
        if group not in PARTS:
            raise ValueError(f"{file}: {unknown('a group', group, [*PARTS])}")
        if not isinstance(said, dict):
            raise ValueError(f"{file}, {group}: expected names with their labels, got {said!r}")
        own = _own_names(folder, group)
        for name, given in said.items():
            # A target may be any label of a data set, which no yaml file names.
            if group != "target" and name not in own:
                what = f"the name of a yaml file in {group}/"
                raise ValueError(f"{file}: {unknown(what, name, own)}")
            _check_words(f"{file}, {group} {name}", given, PARTS[group])


def _check_words(where: str, given: Any, parts: Sequence[str]) -> None:
    if isinstance(given, str):
        return
    if not isinstance(given, dict):
        raise ValueError(f"{where}: expected a label or a mapping, got {given!r}")
    for part in given:
        if part not in parts:
            raise ValueError(f"{where}: {unknown('a key', part, parts)}")
    colour = given.get("colour", "#000000")
    if not re.fullmatch("#[0-9a-fA-F]{6}", str(colour)):
        raise ValueError(f"{where}: expected a colour as '#rrggbb' in quotes, got {colour!r}")


def _own_names(folder: Path, group: str) -> list[str]:
    """Names in the yaml files of a group: of the files, of what they hold, and by `name`."""
    found = set[str]()
    for file in (folder / group).glob("*.yaml"):
        held = _read(file)
        found |= {file.stem, *held}
        inner = [each for each in held.values() if isinstance(each, dict)]
        found |= {str(each["name"]) for each in inner if "name" in each}
    return sorted(found - {"defaults"})


def named(settings: Any) -> Iterator[Mapping[str, Any]]:
    """Settings, at any depth, that name what is called with them."""
    if isinstance(settings, Mapping):
        if settings.get(TARGET) is not None:
            yield settings
        settings = settings.values()
    elif not isinstance(settings, list | tuple):
        return
    for each in settings:
        yield from named(each)


def targets() -> frozenset[str]:
    """Import paths that the yaml files name, our own and those of installed packages."""
    return _targets(folders())


@cache
def _targets(searched: tuple[Path, ...]) -> frozenset[str]:
    files = (file for folder in searched for file in folder.rglob("*.yaml"))
    return frozenset(str(each[TARGET]) for file in files for each in named(_read(file)))


@cache
def _files(group: str, searched: tuple[Path, ...]) -> dict[str, Path]:
    every = [file for folder in searched for file in (folder / group).glob("*.yaml")]
    return {file.stem: file for file in sorted(every, key=lambda file: file.stem)}


@cache
def _read(file: Path) -> dict[str, Any]:
    try:
        return yaml.load(file.read_text("utf-8"), LOADER) or {}
    except yaml.YAMLError as problem:
        said = " ".join(str(problem).split())
        raise ValueError(f"expected yaml in {file} (colours in quotes), got: {said}") from problem


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} ({point.value})" if point.dist else point.value
