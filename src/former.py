"""Former places of what is in a package beside the core now; each works until version 0.3."""

import sys
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from .registry import BESIDE, not_installed

# The module now, by the former one.
PLACES = {
    "ecglens.study": "ecglens_study",
    "ecglens.eval.benchmark": "ecglens_benchmark",
    "ecglens.cli.explain": "ecglens_sheets",
    "ecglens.cli.opened": "ecglens_sheets.opened",
    "ecglens.report.comparison": "ecglens_compare",
    "ecglens.report.journal": "ecglens_paper.figures",
    "ecglens.eval.evaluations.axioms": "ecglens_metrics",
    "ecglens.eval.evaluations.class_auroc": "ecglens_metrics.class_auroc",
    "ecglens.eval.evaluations.degradation": "ecglens_metrics.degradation",
    "ecglens.eval.evaluations.effects": "ecglens_metrics",
    "ecglens.eval.evaluations.localisation": "ecglens_metrics",
    "ecglens.eval.evaluations.shortcuts": "ecglens_metrics",
    "ecglens.eval.evaluations.relevance": "ecglens_relevance",
    "ecglens.models.published": "ecglens_zoo",
    "ecglens.datamodules.mixed": "ecglens_formats.mixed",
    **{
        f"ecglens.datamodules.readers.{name}": f"ecglens_formats.{name}"
        for name in BESIDE["formats"]["data"].split()
    },
}
# Names that are elsewhere than their module, or have another name there.
RENAMED = {
    "ecglens_study.create_study": "ecglens_study.create_from_inputs",
    "ecglens_metrics.exact_parameters": "ecglens.datamodules.exact_parameters",
    "ecglens_metrics.TargetRegion": "ecglens.eval.TargetRegion",
    "ecglens.models.UNITS": "ecglens.models.spec.declared.UNITS",
}
# Names whose module is still there.
NAMES = {
    f"ecglens.eval.evaluations.sanity.{name}": f"ecglens_metrics.{name}"
    for name in ("Consistency", "Similarity")
}


def current(path: str) -> str:
    """Import path now of what had this one; the same path for anything that has not moved."""
    module, _, name = path.rpartition(".")
    return f"{PLACES[module]}.{name}" if module in PLACES else NAMES.get(path, path)


def moved(name: str, old: str, new: str, level: int = 2) -> Any:
    """What the module `new` has under the name that the module `old` had, with a warning.

    Raises ImportError that says what to install where the package is missing.
    """
    if name.startswith("__"):
        raise AttributeError(f"module {old!r} has no attribute {name!r}")
    now, _, name_now = RENAMED.get(f"{new}.{name}", f"{new}.{name}").rpartition(".")
    package = now.partition(".")[0]
    try:
        there = import_module(now)
    except ModuleNotFoundError as problem:
        if (problem.name or "").partition(".")[0] != package:
            raise  # something that the package needs
        named = package.removeprefix("ecglens_")
        raise ImportError(f"{old}.{name} {not_installed(named)}") from problem
    found = getattr(there, name_now)
    text = f"{old}.{name} is now {now}.{name_now}; the old name works until version 0.3"
    warnings.warn(text, DeprecationWarning, stacklevel=level)
    return found


def handed_on(
    old: str, places: Mapping[str, str], others: Callable[[str], Any]
) -> Callable[[str], Any]:
    """`__getattr__` of a module some of whose names are in other modules now; errors as `moved`.

    `others` gives the module's remaining names.
    """

    def load(name: str) -> Any:
        return moved(name, old, places[name], level=3) if name in places else others(name)

    return load


class _Places(MetaPathFinder, Loader):
    """Finds a former module, whose names are those of the module now."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> Any:
        return ModuleSpec(fullname, self) if fullname in PLACES else None

    def exec_module(self, module: ModuleType) -> None:
        old = module.__name__
        vars(module)["__getattr__"] = partial(moved, old=old, new=PLACES[old])


# Asked last, once no other place has such a module.
sys.meta_path.append(_Places())
