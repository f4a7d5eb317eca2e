"""Types and bounds of the settings that no other room checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from itertools import chain
from math import inf
from typing import Any, Literal, TypeVar, cast

from hydra.utils import get_object, instantiate
from omegaconf import MISSING, DictConfig, OmegaConf

from .. import registry
from ..store import Shard, check_types, flat, made_by, unset


@dataclass(frozen=True)
class Fit:
    """Settings of configs/fit."""

    name: str
    epochs: int
    batch_size: int
    lr: float
    schedule: Literal["one_cycle", "plateau"]
    start: str | None = None
    body_lr: float = 1.0


@dataclass(frozen=True)
class Trainer:
    """Settings of configs/trainer."""

    name: str
    accelerator: str
    devices: int
    num_nodes: int


@dataclass(frozen=True)
class Wandb:
    """Settings of configs/logger/wandb.yaml."""

    name: str
    mode: Literal["offline", "online", "disabled"]
    project: str
    artifacts: Sequence[Literal["network", "heatmaps", "scores", "report"]]


@dataclass(frozen=True)
class Top:
    """Settings at the top of configs/train.yaml."""

    seed: int
    ecgs: int
    permute_labels: bool
    trust: bool  # the word of who started the command, not of this job


@dataclass(frozen=True)
class Share:
    """Settings at the top that preparing has too."""

    workers: int | None
    shard: str | None
    gallery: int


# What every command reads, and every run; and the groups of which several are chosen by name.
SHARED = [*Share.__annotations__, "data", "input.name", "input.samples"]
NEEDED = [*Top.__annotations__, *SHARED, "fit", "model", "network", "target", "trainer"]
SEVERAL = ("logger", "method", "evaluation")


def checked(config: DictConfig) -> dict[str, Any]:
    """Settings as plain data, with the seeds of all networks as `seeds`.

    An entry of a group that is null is left out. Raises ValueError for a setting that must be given
    and is not, a value of the wrong type, and a count below 1.
    """
    settings = complete(config, NEEDED)
    for group in SEVERAL:
        chosen = settings.get(group) or {}
        settings[group] = {name: each for name, each in chosen.items() if each is not None}
    written = registry.settings("", "train")
    groups = (each for each in written["defaults"] if isinstance(each, dict))
    known = {*written, *chain.from_iterable(groups)}
    if unknown := [name for name in settings if name not in known]:
        raise ValueError(
            f"expected settings of configs/train.yaml, got {', '.join(unknown)}, which nothing "
            "reads; ecglens train --help lists them"
        )
    settings["seeds"] = _seeds(settings["seed"])
    settings["seed"] = settings["seeds"][0]
    network, wandb = settings["network"], settings["logger"].get("wandb")
    own_input = network.get("input") if isinstance(network, dict) else None
    below = {"network": network, "network.input": own_input or {}}
    makers = {
        f"{group}.{name}": each for group in SEVERAL for name, each in settings[group].items()
    }
    for name, each in {**below, **makers, "model": settings["model"]}.items():
        if not isinstance(each, dict):
            raise ValueError(f"expected settings below {name}, as {name}.…=…, got {each!r}")
        csv = name.startswith("logger.") and each.get("name") == "csv"
        if not (name in below or name == "logger.wandb" or csv or each.get("_target_")):
            raise ValueError(f"expected in {name}._target_ what is called, got none in {each!r}")
    kinds = {"fit": (Fit, settings["fit"]), "trainer": (Trainer, settings["trainer"])}
    if wandb is not None and "_target_" not in wandb:  # else a logger of the user's own
        kinds["logger.wandb"] = Wandb, wandb
    for group, (kind, given) in kinds.items():
        check_types(kind, given, group)
        if lacking := unset(kind, given):
            raise ValueError(f"expected the setting {group}.{lacking[0]}, got none")
    check_types(Top, {name: settings[name] for name in Top.__annotations__}, "settings")
    settings.pop("trust")
    counts = {**settings["fit"], **settings["trainer"]}
    if (start := counts.pop("start", None)) == "":
        raise ValueError("expected in fit.start a run or a file of weights, got ''; leave it out")
    begins, body_lr = start is not None, counts.pop("body_lr", 1.0)
    if body_lr != 1 and not begins:
        raise ValueError("expected fit.start beside fit.body_lr, got none: fresh layers must learn")
    if not 0 <= body_lr < inf:
        raise ValueError(f"expected fit.body_lr of 0 or above, got {body_lr}")
    if begins and not counts["epochs"]:
        counts.pop("epochs")  # the network that the fit begins with
    check_share(settings)
    _check_length(settings["input"])
    for name, value in {**counts, "ecgs": settings["ecgs"]}.items():
        if isinstance(value, int | float) and not 0 < value < inf:
            raise ValueError(f"expected {name} above 0, got {value}")
    return settings


def _check_length(given: Mapping[str, Any]) -> None:
    from ..datamodules import SAMPLES  # a run that has finished needs none of what this loads

    name, samples = given["name"], given["samples"]
    if samples != SAMPLES.get(name, samples):
        raise ValueError(
            f"expected input.samples={SAMPLES[name]}, the length of input={name}, got "
            f"{samples}; for a network of your own that reads another: network.input.samples"
        )


def check_share(settings: Mapping[str, Any]) -> None:
    """Raise ValueError for a wrong number of workers, shard or gallery."""
    check_types(Share, {name: settings[name] for name in Share.__annotations__}, "settings")
    if settings["workers"] is not None and settings["workers"] < 1:
        raise ValueError(f"expected workers above 0, got {settings['workers']}")
    if settings["shard"] is not None:
        Shard.parse(settings["shard"])
    if settings["gallery"] < 0:
        raise ValueError(f"expected a gallery of 0 or more, got {settings['gallery']}")


def complete(config: DictConfig, needed: Sequence[str] = SHARED) -> dict[str, Any]:
    """Settings as plain data; ValueError for one that must be given, or is needed, and is not."""
    for place, value in flat(cast(dict[str, Any], OmegaConf.to_container(config))):
        if value == MISSING:
            name = ".".join(place)
            raise ValueError(f"expected the setting {name}, got none; give it as {name}=…")
    if lacking := [name for name in needed if OmegaConf.select(config, name, default=...) is ...]:
        raise ValueError(
            f"expected the settings of the command, got none for {', '.join(lacking)}; leave out "
            "~ and --config-name"
        )
    return cast(dict[str, Any], OmegaConf.to_container(config, resolve=True))


def _seeds(given: Any) -> list[int]:
    """Seeds of the networks, from one seed or a list of different ones."""
    seeds = given if isinstance(given, list) else [given]
    whole = all(type(seed) is int and 0 <= seed < 2**63 for seed in seeds)
    if not seeds or not whole or len({*seeds}) < len(seeds):
        raise ValueError(
            "expected seed as a whole number from 0 to 2**63 − 1, or a list of different ones as "
            f"seed=[0,1,2], got {given!r}"
        )
    return seeds


Kind = TypeVar("Kind")


def built(settings: Mapping[str, Any], where: str, kind: type[Kind]) -> Kind:
    """Object that `_target_` names, made with the other settings, which fit it if a dataclass.

    Settings within settings are plain data: a `_target_` among them is not called. Settings may
    come with the run of somebody else, and any callable can be named there, such as one that reads
    a pickle, which runs code. Raises ValueError unless the path names a class of this kind, or a
    function that declares it, and for settings that do not fit.
    """
    path = settings["_target_"]
    if not issubclass(made_by(get_object(path)), kind):
        name = f"{kind.__module__.partition('.')[0]}'s {kind.__name__}"
        raise ValueError(
            f"expected in {where}._target_ a subclass of {name}, or a function declared to return "
            f"one (-> {kind.__name__}), got {path}; it was not called"
        )
    return called(settings, where)


def called(settings: Mapping[str, Any], where: str) -> Any:
    """Value that the callable `_target_` returns for the other settings, of any type."""
    found = get_object(settings["_target_"])
    if is_dataclass(found) and isinstance(found, type):
        given = {key: value for key, value in settings.items() if key != "_target_"}
        check_types(found, given, where)
    return instantiate(settings, _recursive_=False)
