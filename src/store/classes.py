"""Classes by their import path, so that settings can name one of a user's own package."""

from importlib import import_module
from typing import Any


def class_at(path: str, where: str) -> type[Any]:
    """The class at an import path such as "my_package.MyReader".

    `where` is the name of the setting in the message. Raises ValueError when there is no such
    class; an error inside the module itself is passed on.
    """
    module, _, name = path.rpartition(".")
    advice = "give package.module.Class, and put the package on PYTHONPATH or install it"
    if not module:
        raise ValueError(f"expected in {where} the import path of a class, got {path!r}; {advice}")
    try:
        found = getattr(import_module(module), name)
    except ModuleNotFoundError as problem:
        if problem.name is None or not f"{module}.".startswith(f"{problem.name}."):
            raise  # the module is there, and imports something that is not
        raise ValueError(
            f"expected in {where} the import path of a class, got {path!r}: there is no module "
            f"{problem.name}; {advice}"
        ) from None
    except AttributeError:
        raise ValueError(
            f"expected in {where} the import path of a class, got {path!r}: there is no {name} in "
            f"{module}"
        ) from None
    if not isinstance(found, type):
        raise ValueError(f"expected in {where} a class, got {path!r}, which is {found!r}")
    return found


def class_path(kind: type[Any]) -> str:
    """Import path of a class, as `class_at` takes it."""
    return f"{kind.__module__}.{kind.__qualname__}"
