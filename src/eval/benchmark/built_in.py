"""Whether a result is of a method that comes with ECGLens."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ...explain import find, methods
from ...store import class_path


def built_in(about: Mapping[str, Any]) -> bool:
    """Whether the `method` of a result is the built-in one of its name.

    Class, version and settings are compared; code is not, since nobody else's is of that class.
    """
    if about["name"] not in methods():
        return False
    method = find(about["name"])
    own = {
        "class": class_path(type(method)),
        "version": method.version,
        "settings": json.loads(json.dumps(asdict(method))),  # pyright: ignore[reportArgumentType]
    }
    return all(about[key] == value for key, value in own.items())
