"""Numbers as a person reads them."""

import math

from ..box import Progress
from .view import Way

# A break is suggested after so many decisions without a pause, or so long.
REST_AFTER, REST_AFTER_S = 200, 45 * 60.0
MINUTE, HOUR = 60, 3600


def left(seconds: float) -> str:
    """Such as "about 2 h 10 min"; "" for NaN."""
    if math.isnan(seconds):
        return ""
    if seconds < MINUTE:
        return "less than a minute"
    if seconds < HOUR - MINUTE / 2:
        return f"about {round(seconds / MINUTE)} min"
    # Of hours the minutes are not known better than to five.
    hours, minutes = divmod(5 * round(seconds / (5 * MINUTE)), 60)
    return f"about {hours} h" + (f" {minutes} min" if minutes else "")


def way_of(progress: Progress) -> Way:
    """How far an expert is, in words."""
    return Way(
        done=progress.done,
        of=progress.of,
        left=left(progress.seconds_left) if progress.done < progress.of else "",
        rest=progress.since_break >= REST_AFTER or progress.at_work >= REST_AFTER_S,
    )


def kappa(value: float) -> str:
    """κ with two digits, "–" where there is none."""
    return "–" if math.isnan(value) else f"{value:.2f}".replace("-", "−")


def moment(at: str) -> str:
    """A time of the log, such as "2025-01-31 09:15:00" in UTC."""
    return at.replace("T", " ")[:19]
