"""What the maps of a method are: shares of the output, slopes, or neither."""

from typing import Literal

from ....explain import find, methods

KindOfMap = Literal["contribution", "slope", "other"]
KINDS: dict[str, KindOfMap] = {"target": "contribution", "target/µV": "slope"}


def kind_of_map(method: str) -> KindOfMap:
    """By the unit of the map: that of the output, that of its gradient, or another or none."""
    return KINDS.get(find(method).facts.unit, "other") if method in methods() else "other"
