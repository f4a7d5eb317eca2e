"""A method as a user names it: a built-in name, package:Class, a file beside them, or a yaml."""

import sys
from dataclasses import is_dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from ecglens.explain import Method, captum_settings, find, methods
from ecglens.jobs import read_yaml
from ecglens.store import check_types, class_at
from ecglens.trust import check_trusted, find_own_modules

TARGET = "_target_"
FORMS = "a method by name, package:Class, file.py:Class or a yaml file of configs/method"


def method_of(words: str, trust: bool = False) -> tuple[str, Method]:
    """The name and the method that `words` give; a yaml may name any class with `trust`.

    Raises ValueError with the forms and the names for anything else.
    """
    if words.endswith((".yaml", ".yml")):
        return _of_yaml(Path(words), trust)
    if ":" in words:
        find_own_modules()
        return _of_class(*words.rsplit(":", 1))
    if words.endswith(".py"):
        return _of_class(words, "")  # refused with the methods of the file
    if words in methods() or words.startswith("captum."):
        return words, find(words)
    known = ", ".join(methods())
    raise ValueError(f"expected {FORMS}, got {words!r}; the names are {known}")


def _of_class(place: str, name: str) -> tuple[str, Method]:
    kind = (
        _in_file(Path(place), name)
        if place.endswith(".py")
        else class_at(f"{place}.{name}", "METHOD")
    )
    try:
        return name, _method(kind)()
    except TypeError as problem:
        raise ValueError(
            f"expected {name} to have a default for every setting, got {problem}; give a yaml file "
            "with the settings"
        ) from problem


def _method(kind: Any) -> type[Method]:
    if not (isinstance(kind, type) and issubclass(kind, Method)):
        raise ValueError(
            f"expected a subclass of ecglens.explain.Method, got {kind!r}; docs/extending.md shows "
            "how a method is written"
        )
    return kind


def _in_file(path: Path, name: str) -> Any:
    if not path.is_file():
        raise ValueError(f"expected a file with a method, got {path}; there is none")
    # A name that no other module has: random.py of a user is not Python's.
    spec = spec_from_file_location(f"_file_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"expected a Python file, got {path}")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    sys.path.append(str(path.parent.resolve()))  # for imports of files beside it; last, as above
    spec.loader.exec_module(module)
    found = getattr(module, name, None)
    if found is None:
        kinds = [key for key, each in vars(module).items() if isinstance(each, type)
                 and issubclass(each, Method) and each.__module__ == spec.name]  # fmt: skip
        raise ValueError(
            f"expected {path}:Class with a method of it ({', '.join(kinds) or 'it has none'}), "
            f"got {name!r}"
        )
    return found


def _of_yaml(path: Path, trust: bool) -> tuple[str, Method]:
    if not path.is_file():
        raise ValueError(f"expected a yaml file of a method, got {path}; there is none")
    found = read_yaml(path)
    settings = found if isinstance(found, dict) else {}
    each = next(iter(settings.values()), None)
    if len(settings) != 1 or not (isinstance(each, dict) and isinstance(each.get(TARGET), str)):
        raise ValueError(
            f"expected one method with its {TARGET} in {path}, as in configs/method/saliency.yaml, "
            f"got {', '.join(map(str, settings)) or 'nothing'}"
        )
    name = str(next(iter(settings)))
    if trust:
        find_own_modules()
    else:
        check_trusted(each, path)
    given = dict(captum_settings(each))
    kind = _method(class_at(given.pop(TARGET), f"method.{name}"))
    try:
        if is_dataclass(kind):
            check_types(kind, given, f"method.{name}")
        return name, kind(**given)
    except TypeError as problem:
        raise ValueError(
            f"expected settings in {path} that {each[TARGET]} takes, got "
            + " ".join(str(problem).split())
        ) from problem
