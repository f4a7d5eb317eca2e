"""Evaluations by name: those of configs/evaluation and of installed packages."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, cast

from omegaconf import DictConfig, OmegaConf

from .. import registry
from ..datamodules import Target
from ..eval import Evaluation
from ..store import check_types, class_at

SELF = "_self_"  # a yaml file's own settings among those that it begins with


def evaluations_of(
    chosen: str | Evaluation | Sequence[str | Evaluation], target: Target
) -> list[Evaluation]:
    """The evaluations of names and groups such as "all"; evaluations are taken as they are.

    Raises ValueError for an unknown name and for none.
    """
    given = [chosen] if isinstance(chosen, str | Evaluation) else list(chosen)
    settings = OmegaConf.create({"target": asdict(target), "evaluation": {}})
    for name in (each for each in given if isinstance(each, str)):
        settings.evaluation = OmegaConf.merge(settings.evaluation, _read(name))
    # Interpolations name settings of the target.
    plain = cast(dict[str, Any], OmegaConf.to_container(settings.evaluation, resolve=True))
    named = [_built(name, each) for name, each in plain.items()]
    found = [*named, *(each for each in given if isinstance(each, Evaluation))]
    if not found:
        raise ValueError("expected at least one evaluation, got none")
    for each in found:
        each.check_described()
    return found


def _read(name: str) -> DictConfig:
    """Settings of each evaluation of a file, over those of the files that it begins with."""
    own = registry.settings("evaluation", name)
    before = [each for each in own.pop("defaults", []) if each != SELF]
    return cast(DictConfig, OmegaConf.merge(*map(_read, before), own))


def _built(name: str, settings: dict[str, Any]) -> Evaluation:
    given = {key: value for key, value in settings.items() if key != "_target_"}
    kind = class_at(settings["_target_"], f"evaluation.{name}")
    check_types(kind, given, f"evaluation.{name}")
    return kind(**given)
