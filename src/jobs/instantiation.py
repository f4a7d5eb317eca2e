"""What settings name by `_target_`: checked before it is called, then called."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any, TypeVar, get_type_hints

from hydra.utils import get_object, instantiate

from ..store import check_types

Kind = TypeVar("Kind")


def built(settings: Mapping[str, Any], where: str, kind: type[Kind]) -> Kind:
    """Object that `_target_` names, made with the other settings, which fit it if a dataclass.

    Settings within settings are plain data: a `_target_` among them is not called. Errors as in
    `check_makes`, and of settings that do not fit.
    """
    check_makes(settings["_target_"], where, kind)
    return called(settings, where)


def called(settings: Mapping[str, Any], where: str) -> Any:
    """What the callable `_target_` returns for the other settings, whatever it is."""
    found = get_object(settings["_target_"])
    if is_dataclass(found) and isinstance(found, type):
        given = {key: value for key, value in settings.items() if key != "_target_"}
        check_types(found, given, where)
    return instantiate(settings, _recursive_=False)


def check_makes(path: str, where: str, kind: type[Any]) -> None:
    """Raise ValueError unless the path names a class of this kind, or a function that declares it.

    Settings may come with the run of somebody else, and any callable can be named there, such as
    one that reads a pickle, which runs code.
    """
    found = get_object(path)
    if isinstance(found, type):
        made: Any = found
    else:
        try:
            made = get_type_hints(found).get("return")
        except (TypeError, NameError):  # no function; or names that only type checkers know
            made = None
    if not (isinstance(made, type) and issubclass(made, kind)):
        name = f"{kind.__module__.partition('.')[0]}'s {kind.__name__}"
        raise ValueError(
            f"expected in {where}._target_ a subclass of {name}, or a function declared to return "
            f"one (-> {kind.__name__}), got {path}; it was not called"
        )
