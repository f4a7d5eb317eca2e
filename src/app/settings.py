"""The types and bounds of the settings that are no dataclass of another room."""

from dataclasses import dataclass
from typing import Any, Literal, cast

from omegaconf import DictConfig, OmegaConf

from ..store import check_types


@dataclass(frozen=True)
class Fit:
    """configs/fit."""

    name: str
    epochs: int
    batch_size: int
    lr: float
    schedule: Literal["one_cycle", "plateau"]


@dataclass(frozen=True)
class Trainer:
    """configs/trainer."""

    name: str
    accelerator: str
    devices: int


@dataclass(frozen=True)
class Numbers:
    """The settings at the top of configs/train.yaml that are numbers."""

    seed: int
    ecgs: int
    gallery: int


def checked(config: DictConfig) -> dict[str, Any]:
    """The settings as plain data; ValueError for one of another type or a count below 1."""
    settings = cast(dict[str, Any], OmegaConf.to_container(config, resolve=True))
    check_types(Fit, settings["fit"], "fit")
    check_types(Trainer, settings["trainer"], "trainer")
    check_types(Numbers, {name: settings[name] for name in Numbers.__annotations__}, "settings")
    counts = {**settings["fit"], "devices": settings["trainer"]["devices"]}
    for name, value in {**counts, "ecgs": settings["ecgs"]}.items():
        if isinstance(value, int | float) and value <= 0:
            raise ValueError(f"expected {name} above 0, got {value}")
    if settings["seed"] < 0 or settings["gallery"] < 0:
        raise ValueError(
            "expected seed and gallery of 0 or more, "
            f"got {settings['seed']} and {settings['gallery']}"
        )
    return settings
