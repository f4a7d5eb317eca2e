"""Connections that do not wait for ever for the head of a request."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

# A browser sends a head in one packet; an idle connection is closed after the same time.
HEAD_SECONDS = 20.0


class ImpatientProtocol(H11Protocol):
    """HTTP protocol of uvicorn that closes a connection without a whole head in HEAD_SECONDS.

    uvicorn has a limit for idle connections alone, and none once the first byte came: half-sent
    heads would keep their connections until no file handle is left.
    """

    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Stop waiting with a whole head; wait for the next one after an answer."""
        super().handle_events()
        if self.conn.their_state is not h11.IDLE:
            self._stop()
        elif self._limit is None:
            self._wait()

    def _wait(self) -> None:
        self._limit = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
