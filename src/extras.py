"""Imports when they are needed: optional dependencies, and the names of a face."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any


@contextmanager
def extra(name: str) -> Iterator[None]:
    """Context in which a missing package is reported together with the extra that holds it.

    `name` is one of the optional dependencies in pyproject.toml. Raises ImportError.
    """
    try:
        yield
    except ModuleNotFoundError as problem:
        if (problem.name or "").startswith("ecglens"):
            raise
        raise ImportError(
            f"expected the package {problem.name}, which is not installed; {install(name)}"
        ) from problem


def install(extra: str) -> str:
    """The command that installs this extra."""
    return f"pip install '.[{extra}]' in a copy of the source"


def lazy(
    package: str, modules: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """`__getattr__`, `__dir__` and `__all__` of a package whose names load on first use.

    `modules` has the names of each of its modules, separated by spaces. A name that a module has
    too is loaded at once: imported later, the module would take its place.
    """
    module_of = {name: module for module, names in modules.items() for name in names.split()}

    def load(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f".{module_of[name]}", package), name)

    face = vars(sys.modules[package])
    for name in module_of.keys() & {module.partition(".")[0] for module in modules}:
        import_module(f".{name}", package)
        face[name] = load(name)
    return load, lambda: sorted({*face, *module_of}), sorted(module_of)
