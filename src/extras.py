"""Imports when they are needed: optional dependencies, and the names of a face."""

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
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


def lazy(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """`__getattr__`, `__dir__` and `__all__` of a package whose names load on first use.

    The names are those that the package imports for type checkers, under `if TYPE_CHECKING:`. One
    that a module of the package has too is loaded at once: imported later, the module would take
    its place.
    """
    face = sys.modules[package]
    tree = ast.parse(inspect.getsource(face))
    blocks = [each for each in tree.body if isinstance(each, ast.If)]
    imports = [each for block in blocks for each in block.body if isinstance(each, ast.ImportFrom)]
    module_of = {
        name.name: "." * each.level + (each.module or "") for each in imports for name in each.names
    }

    def load(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(module_of[name], package), name)

    for name in module_of.keys() & {module.split(".")[1] for module in module_of.values()}:
        import_module(f".{name}", package)
        setattr(face, name, load(name))
    return load, lambda: sorted({*vars(face), *module_of}), sorted(module_of)
