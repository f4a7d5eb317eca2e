"""The types and bounds of the settings that are numbers of ours; Hydra's yaml has none."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from omegaconf import DictConfig, OmegaConf


class Schedule(StrEnum):
    """How the learning rate changes; see models.Regression."""

    one_cycle = "one_cycle"
    plateau = "plateau"


@dataclass
class Fit:
    """configs/fit."""

    name: str
    epochs: int
    batch_size: int
    lr: float
    schedule: Schedule


@dataclass
class Trainer:
    """configs/trainer."""

    name: str
    accelerator: str
    devices: int


@dataclass
class Numbers:
    """The settings at the top of configs/train.yaml that are numbers."""

    seed: int
    ecgs: int
    gallery: int


def checked(config: DictConfig) -> dict[str, Any]:
    """The settings as plain data, numbers where numbers belong.

    Raises omegaconf's ValidationError, or ValueError for a count below 1, naming the setting.
    """
    plain = OmegaConf.to_container(config, resolve=True)
    assert isinstance(plain, dict)
    settings = {str(key): value for key, value in plain.items()}
    for name, kind in {"fit": Fit, "trainer": Trainer}.items():
        settings[name] = _typed({name: kind}, {name: settings[name]})[name]
    settings |= _typed(Numbers, {name: settings[name] for name in Numbers.__annotations__})
    for name, value in {**settings["fit"], "ecgs": settings["ecgs"]}.items():
        if isinstance(value, int | float) and value <= 0:
            raise ValueError(f"expected {name} above 0, got {value}")
    return settings


def _typed(schema: Any, values: dict[str, Any]) -> dict[str, Any]:
    merged = OmegaConf.merge(OmegaConf.structured(schema), values)
    plain = OmegaConf.to_container(merged, enum_to_str=True)
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items()}
