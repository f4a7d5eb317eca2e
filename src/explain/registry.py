"""Methods by name: the folder configs/method is the registry."""

import dataclasses
import importlib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

import yaml

from ..config_folder import config_folder
from .method import Method
from .rules.captum_class import captum_settings


def methods() -> tuple[str, ...]:
    """Names of all attribution methods, without the controls."""
    return tuple(name for name in _names() if not _is_control(name))


def controls() -> tuple[str, ...]:
    """Names of the controls, which every method has to beat."""
    return tuple(name for name in _names() if _is_control(name))


def with_controls(chosen: Mapping[str, Method]) -> dict[str, Method]:
    """These methods, followed by every control with the settings of its yaml."""
    own = {name: method for name, method in chosen.items() if name not in controls()}
    return own | {name: find(name) for name in controls()}


def find(name: str, **settings: Any) -> Method:
    """Method of this name with the settings of its yaml, some of them replaced.

    A name such as "captum.attr.IntegratedGradients" is a class of captum (see `Captum`). Raises
    ValueError when there is no such method or setting.
    """
    if name.startswith("captum."):
        return _build(captum_settings({"_target_": name, **settings}), {})
    if name not in _names():
        raise ValueError(_unknown("a method", name, _names()))
    return _build(_read(name)[name], settings)


def find_all(names: str | Sequence[str]) -> dict[str, Method]:
    """Methods by name, from a group such as "all" or "storas2025" or from a list of names."""
    if not isinstance(names, str):
        return {name: find(name) for name in names}
    if names in _names():
        return {names: find(names)}
    if names not in _groups():
        raise ValueError(_unknown("a method or a group of methods", names, _groups() + _names()))
    changed = _read(names)
    return {
        name: find(name, **changed.get(name, {}))
        for name in changed["defaults"]
        if name != "_self_"
    }


@cache
def _read(name: str) -> dict[str, Any]:
    return yaml.safe_load((config_folder() / "method" / f"{name}.yaml").read_text("utf-8"))


@cache
def _groups() -> tuple[str, ...]:
    stems = sorted(path.stem for path in (config_folder() / "method").glob("*.yaml"))
    return tuple(stem for stem in stems if "defaults" in _read(stem))


@cache
def _names() -> tuple[str, ...]:
    """Names in the order of the lists `all` and `controls`, then those in neither."""
    stems = sorted(path.stem for path in (config_folder() / "method").glob("*.yaml"))
    listed = [*_read("all")["defaults"], *_read("controls")["defaults"]]
    return tuple(dict.fromkeys([*listed, *(stem for stem in stems if stem not in _groups())]))


def _is_control(name: str) -> bool:
    return find(name).facts.control


def _class_of(target: str) -> Any:
    module, _, name = target.rpartition(".")
    return getattr(importlib.import_module(module), name)


def _build(config: dict[str, Any], replaced: dict[str, Any]) -> Method:
    settings = config | replaced
    kind = _class_of(settings.pop("_target_"))
    known = tuple(field.name for field in dataclasses.fields(kind))
    for setting in settings:
        if setting not in known:
            raise ValueError(_unknown(f"a setting of {kind.__name__}", setting, known))
    return kind(**settings)


def _unknown(what: str, name: str, known: Sequence[str]) -> str:
    nearest = get_close_matches(name, known, n=len(known), cutoff=0.6)
    ordered = [*nearest, *(other for other in known if other not in nearest)]
    return f"expected {what} ({', '.join(ordered) or 'there is none'}), got {name!r}"
