"""Former place of the package ecglens_study (apps/study); works until version 0.3."""

import warnings
from importlib import import_module
from typing import Any

from .registry import missing, offered

RENAMED = {"create_study": "create_from_inputs"}


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if "create_study" not in (found := offered("api")):
        raise ImportError(f"ecglens.study: {missing('api', 'create_study')}")
    now = RENAMED.get(name, name)
    text = f"ecglens.study.{name} is now ecglens_study.{now}; the old name works until version 0.3"
    warnings.warn(text, DeprecationWarning, stacklevel=2)
    return getattr(import_module(found["create_study"].module), now)
