"""A mistake said in one line: what was expected, what came, what to do."""

import re

from hydra.errors import ConfigCompositionException, MissingConfigException
from omegaconf import DictConfig
from omegaconf.errors import ConfigAttributeError, ConfigKeyError

from ..explain import config_folder


def one_line(problem: BaseException) -> str:
    """The message of a user's mistake, with the valid choices where there are any."""
    if isinstance(problem, MissingConfigException) and problem.missing_cfg_file:
        return _unknown_choice(problem)
    cause = problem.__cause__ if isinstance(problem, ConfigCompositionException) else problem
    if isinstance(cause, ConfigAttributeError | ConfigKeyError) and cause.parent_node is not None:
        return _unknown_setting(cause)
    return "ecglens: " + re.sub(r"\s*\n\s*", "; ", str(problem).strip())


def _unknown_choice(problem: MissingConfigException) -> str:
    group, _, name = str(problem.missing_cfg_file).rpartition("/")
    folder = config_folder() / group
    choices = ", ".join(sorted(path.stem for path in folder.glob("*.yaml"))) or "nothing"
    return f"ecglens: expected {group}=… to be one of: {choices}; got {name!r}"


def _unknown_setting(problem: ConfigAttributeError | ConfigKeyError) -> str:
    parent = problem.parent_node
    names = ", ".join(map(str, parent)) if isinstance(parent, DictConfig) else "nothing"
    where = parent._get_full_key(None) or "the settings"
    return f"ecglens: expected one of {names} in {where}; got {problem.key!r}"
