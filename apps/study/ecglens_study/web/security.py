"""Protection of the pages of a study: problems in words, token of a form, limits of requests."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

# Title and text of the page for each status.
MESSAGES = {
    400: ("Request not understood", "This request did not come from a page of this study."),
    401: (
        "Please use your link",
        "You are not logged in on this browser. Open the link that the organiser sent you. If it "
        "no longer works, ask for a new one.",
    ),
    403: ("Not allowed", "This page is for somebody else, or is not open now."),
    404: ("Page not found", "Go to the start page to continue where you stopped."),
    405: ("Not possible here", "Go to the start page to continue where you stopped."),
    408: ("Connection too slow", "Your answer did not arrive. Please try again."),
    409: ("Already answered", "Your first answer is saved. Continue where you stopped."),
    413: ("Too much data", "The request is larger than any page of this study sends."),
    415: ("Request not understood", "This request did not come from a page of this study."),
    421: ("Wrong address", "Open the study at the address in your link."),
    422: ("Answer missing or invalid", "Nothing was saved. Go back and answer again."),
    429: ("Too many requests", "Wait a minute and try again. Your earlier votes are saved."),
    500: ("Something went wrong", "All earlier votes are saved. Continue where you stopped."),
}
BODY_BYTES = 64 * 1024  # 32 times the longest comment
# Buckets kept at once; the least recently used one is dropped, and so full again.
MOST_KEYS = 10_000


class Problem(Exception):  # noqa: N818 - a page, not a fault
    """Request that is refused.

    `status`, `title` and `text` make the page; `detail` goes only to the log. `onward` is the
    address of the button on the page, "" for no button.
    """

    def __init__(
        self, status: int, title: str, text: str, detail: str = "", onward: str = "/"
    ) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.status = status
        self.title = title
        self.text = text
        self.detail = detail
        self.onward = onward
        self.headers: Mapping[str, str] = {}

    @classmethod
    def of(cls, status: int, detail: str = "") -> "Problem":
        """Problem with the standard message of this status."""
        known = status if status in MESSAGES else 400 if status < 500 else 500
        onward = "" if known in (401, 421, 429) else "/"
        return cls(known, *MESSAGES[known], detail=detail, onward=onward)

    def with_headers(self, headers: Mapping[str, str]) -> "Problem":
        """This problem with additional response headers."""
        self.headers = headers
        return self


def check_csrf(expected: str, sent: Mapping[str, str]) -> None:
    """Raise Problem unless the form has the token of its session."""
    given = sent.get("csrf", "")
    # Bytes: compare_digest raises for text that is not ASCII.
    if not expected or not secrets.compare_digest(given.encode(), expected.encode()):
        raise Problem.of(403, "the form's token is " + ("wrong" if given else "missing"))


@dataclass(frozen=True)
class Rate:
    """Rate of requests: `burst` at once, and `per_second` more each second."""

    burst: float
    per_second: float


@dataclass(frozen=True)
class Rates:
    """Limits of a server.

    `entry` counts invalid login links by address, so that many experts can log in from one place,
    and uses of one valid link, since each use stores a session. `session` counts the requests of
    one session: a first page is some twenty files, any other one page and one file of drawings.
    `stranger` counts the requests of an address without a session. `note` limits the log, so that
    refused requests cannot fill the disk.
    """

    entry: Rate = Rate(10.0, 10 / 60)
    session: Rate = Rate(80.0, 20.0)
    stranger: Rate = Rate(60.0, 20.0)
    note: Rate = Rate(60.0, 1.0)


class Buckets:
    """Token bucket for each key; `clock` counts seconds."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def left(self, key: str) -> float:
        """Tokens that the key has left."""
        with self._lock:
            return self._left(key, self._clock())

    def take(self, key: str) -> bool:
        """True if the key had a token, which is taken."""
        with self._lock:
            now = self._clock()
            left = self._left(key, now)
            self._kept[key] = (max(left - 1, 0) if left >= 1 else left, now)
            self._kept.move_to_end(key)
            if len(self._kept) > MOST_KEYS:
                self._kept.popitem(last=False)
            return left >= 1

    def _left(self, key: str, now: float) -> float:
        left, then = self._kept.get(key, (self.rate.burst, now))
        return min(left + (now - then) * self.rate.per_second, self.rate.burst)
