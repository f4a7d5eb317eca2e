"""Methods by name: those of configs/method and of installed packages."""

import dataclasses
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from .. import registry
from ..registry import unknown
from ..store import check_types, class_at
from .method import Method

PLAIN = (bool, int, float, str, type(None))  # values of settings that yaml can write wrongly


def methods() -> tuple[str, ...]:
    """Names of all attribution methods, without the controls."""
    known = controls()
    return tuple(name for name in _names() if name not in known)


def controls() -> tuple[str, ...]:
    """Names of the controls, which every method has to beat."""
    return tuple(registry.settings("method", "controls")["defaults"])


def with_controls(chosen: Mapping[str, Method]) -> dict[str, Method]:
    """These methods, followed by every control with the settings of its yaml."""
    every = {name: find(name) for name in controls()}
    return {name: method for name, method in chosen.items() if name not in every} | every


def find(name: str, **settings: Any) -> Method:
    """Method of this name with the settings of its yaml, some of them replaced.

    A name such as "captum.attr.IntegratedGradients" is a class of captum (see `Captum`). Raises
    ValueError when there is no such method or setting.
    """
    if isinstance(name, str) and name.startswith("captum."):
        return _build(captum_settings({"_target_": name, **settings}), {})
    if name not in _names():
        raise ValueError(unknown("a method", name, _names()))
    return _build(registry.settings("method", name)[name], settings)


def find_all(names: str | Iterable[str]) -> dict[str, Method]:
    """Methods by name, from a group such as "all" or "storas2025" or from a list of names."""
    if not isinstance(names, str) and isinstance(names, Iterable):
        return {name: find(name) for name in names}
    if names in _names():
        return {names: find(names)}
    groups = _groups(registry.names("method"))
    if names not in groups:
        raise ValueError(unknown("a method or a group of methods", names, groups + _names()))
    changed = registry.settings("method", names)
    return {
        name: find(name, **changed.get(name, {}))
        for name in changed["defaults"]
        if name != "_self_"
    }


def captum_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of `Captum` for a configuration whose `_target_` is a class of captum.

    Arguments of the constructor and of attribute() may stand side by side; `baseline` and
    `features` are those of `Captum`. A configuration of anything else is returned as it is.
    """
    rest = dict(settings)
    if not str(rest.get("_target_", "")).startswith("captum."):
        return rest
    from .methods.captum_class import settings_of

    return settings_of(rest.pop("_target_"), rest)


@cache
def _groups(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if "defaults" in registry.settings("method", name))


def _names() -> tuple[str, ...]:
    """Names in the order of the lists `all` and `controls`, then those in neither."""
    every = registry.names("method")
    listed = [*registry.settings("method", "all")["defaults"], *controls()]
    return tuple(dict.fromkeys([*listed, *(n for n in every if n not in _groups(every))]))


def _build(config: dict[str, Any], replaced: dict[str, Any]) -> Method:
    settings = config | replaced
    kind = class_at(settings.pop("_target_"), "method._target_")
    known = tuple(field.name for field in dataclasses.fields(kind))
    for setting in settings:
        if setting not in known:
            raise ValueError(unknown(f"a setting of {kind.__name__}", setting, known))
    plain = {name: each for name, each in settings.items() if isinstance(each, PLAIN)}
    if plain:
        check_types(kind, plain, kind.__name__)
    return kind(**settings)
