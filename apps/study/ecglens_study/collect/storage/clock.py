"""Times as stored: UTC, as text that sorts."""

from datetime import UTC, datetime, timedelta
from math import nan


def now(days: int = 0) -> str:
    """Time `days` from now, such as 2025-01-31T09:15:00.123Z."""
    return text(datetime.now(UTC) + timedelta(days=days))


def text(time: datetime) -> str:
    """Time with milliseconds, in UTC."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def between(earlier: str, later: str) -> float:
    """Seconds from one time to the other; NaN if the clock was set back in between."""
    passed = (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()
    return passed if passed >= 0 else nan
