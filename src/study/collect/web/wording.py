"""Numbers and times as text."""

import math

from ..storage import Progress
from .page_data import ProgressShown

# A break is suggested after this many decisions, or this much time, without one.
REST_AFTER, REST_AFTER_S = 200, 45 * 60.0
MINUTE, HOUR = 60, 3600


def time_left(seconds: float) -> str:
    """Time such as "about 2 h 10 min"; "" for NaN."""
    if math.isnan(seconds):
        return ""
    if seconds < MINUTE:
        return "less than a minute"
    if seconds < HOUR - MINUTE / 2:
        return f"about {round(seconds / MINUTE)} min"
    # Estimates above an hour are rounded to five minutes.
    hours, minutes = divmod(5 * round(seconds / (5 * MINUTE)), 60)
    return f"about {hours} h" + (f" {minutes} min" if minutes else "")


def progress_shown(progress: Progress) -> ProgressShown:
    """Progress of an expert as a page shows it."""
    return ProgressShown(
        done=progress.done,
        total=progress.total,
        left=time_left(progress.seconds_left) if progress.done < progress.total else "",
        rest=progress.since_break >= REST_AFTER or progress.at_work >= REST_AFTER_S,
    )


def kappa_text(value: float) -> str:
    """κ with two decimals, "–" for NaN."""
    return "–" if math.isnan(value) else f"{value:.2f}".replace("-", "−")


def time_text(at: str) -> str:
    """Time of a log line, such as "2025-01-31 09:15:00" (UTC)."""
    return at.replace("T", " ")[:19]
