"""Former place of ecglens_benchmark (apps/benchmark), whose names it hands on until version 0.3."""

from typing import Any

from .meta_evaluation import moved


def __getattr__(name: str) -> Any:
    return moved(name, __name__, "ecglens_benchmark")
