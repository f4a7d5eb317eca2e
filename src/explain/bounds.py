"""Checks of the numbers among a method's settings."""

from math import inf


def at_least(least: int, **settings: int | float) -> None:
    """Raise ValueError for a setting below `least`, infinite or NaN."""
    for name, value in settings.items():
        if not least <= value < inf:
            raise ValueError(f"expected {name} of at least {least}, got {value}")
