"""One line for a setting, choice or option that does not exist, with what was probably meant."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from inspect import signature
from os.path import isabs
from typing import TypeGuard, cast

from hydra._internal.utils import get_args_parser
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Glob, Override, QuotedString
from hydra.errors import (
    ConfigCompositionException,
    InstantiationException,
    MissingConfigException,
    OverrideParseException,
)
from omegaconf import DictConfig, Node
from omegaconf.errors import ConfigAttributeError, ConfigKeyError

from ..extras import install
from ..jobs import one_line
from ..registry import missing, names
from ..store import class_at

AT_MOST = 3  # suggestions, so that the message stays one line
CLOSE = 0.7  # of two settings of one group; at 0.6, Python’s default, "targt" is also like "trust"
# Choices that come with a package of an extra.
EXTRAS = {"hydra/launcher/submitit_local": "cluster", "hydra/launcher/submitit_slurm": "cluster"}


def check_options() -> None:
    """Raise ValueError for options that are unknown, read others' code, or stand amid settings.

    Also for a choice that is no name, and Hydra's own error for what is no setting.
    """
    # The parser that Hydra uses itself; its own message is a page long.
    options, unknown = get_args_parser().parse_known_args()
    if options.experimental_rerun is not None:
        raise ValueError(
            "expected no --experimental-rerun, whose pickle can run any code; repeat the command"
        )
    if not isabs(path := options.config_path or "/"):
        raise ValueError(f"expected --config-path as an absolute path, got {path!r}")
    for word in unknown:
        raise ValueError(
            f"expected settings as name=value, as fit.epochs=20, got {word!r}; --help lists them"
            if word.startswith("-")
            else f"expected all settings side by side, got {word!r} behind an option such as -m"
        )
    for choice in OverridesParser.create().parse_overrides(options.overrides):
        _check_choice(choice)


def _check_choice(choice: Override) -> None:
    """Raise ValueError where a group gets anything but names, for which Hydra has no line."""
    known, value = names(choice.key_or_group), choice.value()
    if not known or choice.is_delete():
        return
    for each in value.list if isinstance(value, ChoiceSweep) else [value]:
        chosen = each if isinstance(each, list) else [each]
        inside = () if chosen is each else (dict, Glob)  # settings of the group; a pattern of names
        if not all(isinstance(name, (str, QuotedString, *inside)) for name in chosen):
            group, _, given = (choice.input_line or "").lstrip("+").partition("=")
            none = f"; {group}=[] chooses none" if "null" in given.lower() else ""
            raise ValueError(
                f"expected {group}=… to be one of: {', '.join(known)}; got {given}{none}"
            )


def spoken(problem: BaseException) -> str:
    """Message of a user's mistake, with the valid choices where there are any."""
    cause = problem.__cause__ if isinstance(problem, ConfigCompositionException) else problem
    if isinstance(problem, MissingConfigException) and problem.missing_cfg_file:
        problem = ValueError(_unknown_choice(problem.missing_cfg_file, problem.options))
    elif isinstance(problem, OverrideParseException):
        given = problem.override
        text = f"expected a setting as name=value, got {given!r}"
        name, sign, value = given.partition("=")
        if sign and not value.startswith(("[", "{", '"', "'")):
            text += f"; a value with other than plain letters wants quotes: '{name}=\"{value}\"'"
        problem = ValueError(text)
    elif isinstance(cause, ConfigAttributeError | ConfigKeyError) and cause.parent_node is not None:
        problem = ValueError(_unknown_setting(cause.parent_node, str(cause.key)))
    # Our classes name the setting: Hydra adds the class alone.
    elif isinstance(problem, InstantiationException) and "target 'ecglens" in str(problem):
        problem = problem.__cause__ or problem
    return one_line(problem)


def _unknown_choice(path: str, options: Sequence[str] | None) -> str:
    if path in EXTRAS:
        needed = f"expected the package that brings {path}, which is not installed"
        return f"{needed}; {install(EXTRAS[path])}"
    group, _, name = path.rpartition("/")
    if said := missing(group, name):
        return said
    # Hydra does not name the options of a choice inside a list.
    known = options or names(group)
    choices = ", ".join(sorted(known)) or "nothing"
    before = f"{group}=" if options else ""
    meant = [before + each for each in get_close_matches(name, known, AT_MOST)]
    text = f"expected {group}=… to be one of: {choices}; got {name!r}"
    return text + _did_you_mean(meant)


def _unknown_setting(parent: Node, key: str) -> str:
    place = parent._get_full_key(None)
    siblings = [str(name) for name in parent if name != "hydra"] if _has_names(parent) else []
    if not siblings:
        return f"expected no setting below {place}; got {key!r}"
    every = list(_names(cast(DictConfig, parent._get_root())))
    above = f"{place}." if place else ""
    text = f"expected one of {', '.join(siblings)} in {place or 'the settings'}; got {key!r}"
    if owner := _class_with(parent, key):
        return f"{text}; write +{above}{key}=… to add this setting of {owner}"
    return text + _did_you_mean(_meant(key, above, siblings, every))


def _class_with(parent: Node, key: str) -> str:
    """Import path of the class of these settings, if it takes this one; empty otherwise."""
    path = parent.get("_target_") if _has_names(parent) else None
    try:
        taken = signature(class_at(str(path), "_target_")).parameters if path else {}
    except (ImportError, ValueError):  # that of another setting is said when the class is made
        return ""
    return str(path) if key in taken else ""


def _meant(key: str, above: str, siblings: Sequence[str], every: Sequence[str]) -> list[str]:
    """Settings of this name elsewhere; else similar names beside it; else similar ones anywhere."""
    last = {name: name.rpartition(".")[2] for name in every}
    if same := [name for name in every if last[name] == key]:
        return same[:AT_MOST]
    if near := get_close_matches(key, siblings, AT_MOST, CLOSE):
        return [above + name for name in near]
    near = get_close_matches(key, sorted(set(last.values())), AT_MOST)
    return [name for word in near for name in every if last[name] == word][:AT_MOST]


def _names(settings: DictConfig, above: str = "") -> Iterator[str]:
    """Full names of all settings and groups, without those of Hydra itself."""
    for key in settings:
        if not above and key == "hydra":
            continue
        yield f"{above}{key}"
        below = settings._get_node(key)
        if _has_names(below):
            yield from _names(below, f"{above}{key}.")


def _has_names(node: object) -> TypeGuard[DictConfig]:
    """True for a group of settings that was given."""
    return isinstance(node, DictConfig) and not node._is_none() and not node._is_missing()


def _did_you_mean(names: Sequence[str]) -> str:
    return f"; did you mean {' or '.join(names)}?" if names else ""
