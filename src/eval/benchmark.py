"""Former place of the package ecglens_benchmark (apps/benchmark); works until version 0.3."""

from typing import Any

from .meta_evaluation import moved


def __getattr__(name: str) -> Any:
    return moved(name, __name__)
