"""How often something may be asked, and how much may be sent."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from starlette.types import Message, Receive

from .problem import Problem

BODY_BYTES = 64 * 1024  # 32 times the longest comment
BODY_SECONDS = 30.0
# Buckets kept at once; the one used longest ago is forgotten, and so full again.
MOST_KEYS = 10_000


@dataclass(frozen=True)
class Rate:
    """`burst` at once, and `per_second` more for each second."""

    burst: float
    per_second: float


@dataclass(frozen=True)
class Rates:
    """The limits of a server.

    `entry` counts login links that did not work, by address, so that a full lecture hall can log
    in; one that works is counted alone, since each session is kept. `session` counts what a session
    asks: a page with nine maps and the next one's ahead are 20 pictures at once. `stranger` is that
    of an address without a session. `note` bounds the log: a flood of refusals must not fill the
    disk.
    """

    entry: Rate = Rate(10.0, 10 / 60)
    session: Rate = Rate(80.0, 20.0)
    stranger: Rate = Rate(60.0, 20.0)
    note: Rate = Rate(60.0, 1.0)


class Buckets:
    """A token bucket per key; `clock` counts seconds."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def left(self, key: str) -> float:
        """How many tokens the key has now."""
        with self._lock:
            return self._left(key, self._clock())

    def take(self, key: str) -> bool:
        """Takes a token; False where there was none."""
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


def bounded(receive: Receive) -> Receive:
    """The same body, read no further than BODY_BYTES and for no longer than BODY_SECONDS."""
    read, whole = 0, False
    started = time.monotonic()

    async def next_part() -> Message:
        nonlocal read, whole
        if whole:
            return await receive()
        try:
            patience = started + BODY_SECONDS - time.monotonic()
            message = await asyncio.wait_for(receive(), max(patience, 0.01))
        except TimeoutError:
            raise Problem.of(408) from None
        read += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if read > BODY_BYTES:
            raise Problem.of(413)
        return message

    return next_part
