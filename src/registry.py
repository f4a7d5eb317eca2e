"""Registry of names: what installed packages offer beside what ECGLens brings itself."""

import sys
from functools import cache
from importlib.metadata import EntryPoint, entry_points

# Packages beside the core, in apps/, by group and by the name that they offer.
BESIDE = {
    "commands": {
        "study": "study",
        "benchmark": "benchmark",
        "leaderboard": "benchmark",
        "reproduce": "reproductions",
    },
    "api": {"create_study": "study", "benchmark": "benchmark"},
}


def offered(group: str) -> dict[str, EntryPoint]:
    """Entry points of the group ecglens.GROUP by name, of all packages on the path.

    Raises ValueError for a name that two packages offer.
    """
    return dict(_offered(group, tuple(sys.path)))


@cache
def _offered(group: str, path: tuple[str, ...]) -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for each in entry_points(group=f"ecglens.{group}"):
        other = found.setdefault(each.name, each)
        if other.value != each.value:
            raise ValueError(
                f"expected {each.name} of ecglens.{group} from one package, got it from "
                f"{_package(other)} and {_package(each)}; uninstall one of them"
            )
    return found


def missing(group: str, name: str) -> str:
    """Sentence on the package beside the core that offers a name of a group; "" for none."""
    if name not in BESIDE[group]:
        return ""
    package = BESIDE[group][name]
    return (
        f"{name} comes with the package ecglens-{package}, which is not installed; "
        f"pip install ./apps/{package} in a copy of the repository"
    )


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} ({point.value})" if point.dist else point.value
