"""Settings, items and orders of the screen as the file keeps them: JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ..design import Item, Settings


def dumps(value: Any) -> str:
    """JSON with all letters as they are."""
    return json.dumps(value, ensure_ascii=False)


def names(text: str) -> tuple[str, ...]:
    """The names that were kept, in their order."""
    return tuple(json.loads(text))


def fields_of(thing: Settings | Item) -> str:
    """What settings_from or item_from reads."""
    return dumps(asdict(thing))


def settings_from(text: str) -> Settings:
    """The settings as they were."""
    return Settings(**_frozen(json.loads(text)))


def item_from(text: str) -> Item:
    """The item as it was."""
    return Item(**_frozen(json.loads(text)))


def check_numbers(items: Sequence[Item]) -> None:
    """Raises ValueError unless there are items, each at the place that its number says."""
    if not items or [item.number for item in items] != [*range(len(items))]:
        raise ValueError(f"expected items numbered from 0 on, got {len(items)} items")


def _frozen(values: dict[str, Any]) -> dict[str, Any]:
    """JSON has lists alone."""
    return {key: tuple(each) if isinstance(each, list) else each for key, each in values.items()}
