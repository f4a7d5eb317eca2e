"""A network that nobody evaluated, from the settings that the commands take, in a yaml file."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from ...engine import accelerate
from ...explain import find
from ...jobs import Job, checked, kept_network, read_yaml
from ...registry import config_folder
from ...report import KnownNetwork, installed_versions, unevaluated
from ...trust import check_trusted, find_own_modules
from ..own_configs import search_installed
from ..wrong_settings import spoken

PARTS = ("network", "target", "input")
# Settings that configs/train.yaml has; others are arguments of the network, which take a plus.
NETWORK = ("_target_", "weights", "input")
# What Hydra reads as text without quotes.
BARE = re.compile(r"[A-Za-z_./][\w./-]*( [\w./-]+)*", re.ASCII)
BEFORE_QUOTE, QUOTES = re.compile(r"(\\*)('|$)"), {"'": r"\'", "": ""}
WORDS_OF_YAML = ("true", "false", "null", "nan", "inf")
EVALUATION = "data=NAME data.path=FOLDER evaluation=[perturbation,weights] hydra.run.dir=RUN"


def opened_network(file: Path, method: str = "", trust: bool = False) -> KnownNetwork:
    """The network of this yaml file, with a map by `method` if one is named.

    With `trust` the network may be by any class or callable, also of the current folder.
    Raises ValueError for another file than one with network, target and input, and as the commands
    do for wrong settings, weights that do not fit, and a network that does not read the input.
    """
    settings = _settings(file)
    job = Job(_composed(words_of(settings)), Path(), "")
    if trust:
        find_own_modules()
    else:
        check_trusted(job.config, file)
    facts = {
        "settings": {part: job.config[part] for part in PARTS},
        "versions": installed_versions(),
    }
    net = accelerate(kept_network(job))
    known = unevaluated(net, job.target, job.config["input"]["name"], job.store, facts)
    shown = words_of(_without_folders(settings))
    command = shlex.join(["ecglens", "evaluate", *shown, *EVALUATION.split()])
    known = replace(known, supported=replace(known.supported, command=command))
    return known.drawn_by(method, find(method)) if method else known


def words_of(settings: Mapping[str, Any]) -> list[str]:
    """The settings of a yaml file as the words of a command line.

    A target is the name of one in configs/target, or the settings of a column or of classes.
    """
    network, target = settings["network"], settings["target"]
    words = []
    for key, value in network.items():
        if key == "input" and isinstance(value, Mapping):
            words += [f"network.input.{own}={_text(each)}" for own, each in value.items()]
        else:
            words.append(f"{'' if key in NETWORK else '+'}network.{key}={_text(value)}")
    if isinstance(target, Mapping):
        words.append(f"target={'diagnosis' if 'classes' in target else 'column'}")
        words += [f"target.{key}={_text(value)}" for key, value in target.items()]
    else:
        words.append(f"target={target}")
    return [*words, f"input={settings['input']}"]


def _settings(file: Path) -> dict[str, Any]:
    """The parts of the file; ValueError where one is missing or there is another."""
    try:
        read_yaml(file)  # refuses aliases, of which a few lines may stand for all memory
        found = OmegaConf.load(file)
        plain = OmegaConf.to_container(found) if isinstance(found, DictConfig) else {}
    except (YAMLError, UnicodeDecodeError) as problem:
        raise ValueError(f"expected a yaml file, got {file}: {problem}") from problem
    given = {str(key): value for key, value in plain.items()} if isinstance(plain, dict) else {}
    if {*given} != {*PARTS}:
        raise ValueError(
            f"expected in {file} network, target and input, got {', '.join(given) or 'none'}; "
            "docs/explain_records.md shows such a file"
        )
    if not isinstance(given["network"], Mapping) or not given["network"].get("_target_"):
        raise ValueError(f"expected in {file} the class of the network as network._target_")
    return given


def _without_folders(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The same with the last part of each path: a sheet names no folder of this machine."""
    network = {
        key: PurePath(value).name if isinstance(value, str) else value
        for key, value in settings["network"].items()
    }
    return {**settings, "network": network}


def _composed(words: list[str]) -> dict[str, Any]:
    """The settings of evaluate.py with these words; ValueError as the command says it."""
    GlobalHydra.instance().clear()
    try:
        search_installed()
        with initialize_config_dir(str(config_folder()), version_base="1.3"):
            return checked(compose("evaluate", words))
    except (HydraException, OmegaConfBaseException) as problem:
        raise ValueError(spoken(problem).removeprefix("ecglens: ")) from problem


def _text(value: Any) -> str:
    """A value of a yaml file as Hydra reads it on a command line."""
    if isinstance(value, Mapping):
        return f"{{{','.join(_pairs(value))}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_text, value))}]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return repr(value)
    if BARE.fullmatch(value) and value.lower() not in WORDS_OF_YAML:
        return value
    # Backslashes count only before a quote, where each is written twice.
    return "'" + BEFORE_QUOTE.sub(lambda found: 2 * found[1] + QUOTES[found[2]], value) + "'"


def _pairs(settings: Mapping[str, Any]) -> Iterator[str]:
    return (f"{key}:{_text(value)}" for key, value in settings.items())
