"""Limits on the rate of requests and the size of their bodies."""

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
# Buckets kept at once; the least recently used one is dropped, and so full again.
MOST_KEYS = 10_000


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
        """Whether the key had a token, which is taken."""
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
    """Receiver of the body that raises Problem beyond BODY_BYTES or BODY_SECONDS."""
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
