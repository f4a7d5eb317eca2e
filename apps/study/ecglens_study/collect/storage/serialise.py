"""Settings, items and method lists as JSON, for the database."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ...design import Item, Settings


def dumps(value: Any) -> str:
    """JSON text with non-ASCII letters unescaped."""
    return json.dumps(value, ensure_ascii=False)


def names(text: str) -> tuple[str, ...]:
    """Names from their JSON text, in order."""
    return tuple(json.loads(text))


def many_names(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """Names from each JSON text; one call for all is a third faster than one for each."""
    return [tuple(each) for each in json.loads(f"[{','.join(texts)}]")]


def fields_of(thing: Settings | Item) -> str:
    """JSON text for settings_from or item_from."""
    return dumps(asdict(thing))


def settings_from(text: str) -> Settings:
    """Settings from their JSON text."""
    return Settings(**_frozen(json.loads(text)))


def item_from(text: str) -> Item:
    """Item from its JSON text."""
    return Item(**_frozen(json.loads(text)))


def check_numbers(items: Sequence[Item]) -> None:
    """Raise ValueError unless there are items with numbers 0, 1, 2, … in order."""
    if not items or [item.number for item in items] != [*range(len(items))]:
        raise ValueError(f"expected items numbered from 0 on, got {len(items)} items")


def _frozen(values: dict[str, Any]) -> dict[str, Any]:
    """Values with tuples, which JSON stores as lists."""
    return {key: tuple(each) if isinstance(each, list) else each for key, each in values.items()}
