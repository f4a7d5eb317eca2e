"""Server of a study or of another page: one process on this machine, until Ctrl-C."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import h11
import uvicorn
from ecglens.store import printable
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..storage.study_storage import StudyStorage
from .app import application

# A browser sends a head in one packet; an idle connection is closed after the same time.
HEAD_SECONDS = 20.0
LOCAL = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")
# Twenty experts with the six connections of a browser each, and as many again; a process may open
# 1024 files.
MOST_CONNECTIONS = 250
MOST_PORT = 65_535  # 16 bits
# Connections of one address that wait for a head: twenty experts behind the address of a hospital,
# six connections each. No address alone can take all connections.
MOST_WAITING = 120
IDLE_SECONDS = 20  # an idle connection of a browser is closed after this time
OPEN = """
    ┌────────────────────────────────────────────────────────────────────────────┐
    │  OPEN TO THE NETWORK WITHOUT ENCRYPTION.                                   │
    │  Anyone on the network can read the links and vote as an expert. Serve on  │
    │  127.0.0.1 behind a server with TLS and pass --address https://…           │
    └────────────────────────────────────────────────────────────────────────────┘
"""


class ImpatientProtocol(H11Protocol):
    """HTTP protocol of uvicorn that closes a connection without a whole head in HEAD_SECONDS.

    uvicorn has a limit for idle connections alone, and none once the first byte came: half-sent
    heads would keep their connections until no file handle is left. Of one address MOST_WAITING
    may wait; a further one is closed at once.
    """

    _limit: asyncio.TimerHandle | None = None
    _waiting: ClassVar[Counter[str]] = Counter()  # connections without a whole head, by address

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first head."""
        super().connection_made(transport)
        # asyncio does so only where the listening socket names TCP: 40 ms an answer (Nagle).
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
        self._waiting[self._address] += 1
        if self._waiting[self._address] > MOST_WAITING:
            self.transport.close()

    def _stop(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
            self._waiting[self._address] -= 1
            if not self._waiting[self._address]:
                del self._waiting[self._address]

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""


def serve(folder: Path, host: str = "127.0.0.1", port: int = 8000, address: str = "") -> None:
    """Serve the study in `folder` until Ctrl-C.

    `address` is what experts open if it differs from `host`, such as https://study.example.org of
    a server with TLS in front of this one; with https, cookies are sent only over TLS. Port 0
    selects a free port. Raises ValueError for a folder without a study, one that is not
    complete, an open study whose maps an earlier version drew, a port in use, and an invalid
    address.
    """
    storage = StudyStorage(folder)
    storage.check_complete()
    if not storage.locked:
        storage.check_drawn()
    known, secure = hosts(host, address)
    app = application(storage, known, secure)

    def lines(own: str) -> Iterator[str]:
        yield f"{printable(storage.settings.name)}: {address.rstrip('/') or own}"
        yield "Press Ctrl-C to stop; all votes are saved."
        if unencrypted(host, known, secure):
            yield OPEN

    run_server(app, host, port, lines, proxied=secure)


def run_server(
    app: Starlette,
    host: str,
    port: int,
    lines: Callable[[str], Iterable[str]],
    proxied: bool = False,
) -> None:
    """Serve `app` until Ctrl-C; `lines` of its address are printed once the port is taken.

    `proxied` is true behind a server with TLS. Port 0 selects a free port. Raises ValueError for a
    port in use.
    """
    with _bound(host, port) as sock:
        own = f"http://{f'[{host}]' if ':' in host else host}:{sock.getsockname()[1]}"
        server = uvicorn.Server(config(app, proxied))
        # uvicorn raises KeyboardInterrupt again after it has finished the open requests.
        with suppress(KeyboardInterrupt):
            for line in lines(own):
                print(*map(printable, line.split("\n")), sep="\n", flush=True)
            server.run(sockets=[sock])
    print("Stopped.", flush=True)


def hosts(host: str, address: str) -> tuple[tuple[str, ...], bool]:
    """Host names that browsers may request, and whether they use TLS."""
    if not address:
        if host in EVERYWHERE:
            raise ValueError(
                f"expected the address that experts open, since the host is {host}; "
                "give --address, such as https://study.example.org"
            )
        return ((*LOCAL, host) if host in LOCAL else (host,)), False
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError(f"expected an address such as https://study.example.org, got {address}")
    return (parts.hostname,), parts.scheme == "https"


def unencrypted(host: str, known: Sequence[str], secure: bool) -> bool:
    """True if other machines can reach this server without TLS."""
    return host not in LOCAL or not (secure or {*known} <= {*LOCAL})


def config(app: Starlette, proxied: bool) -> uvicorn.Config:
    """Settings of uvicorn: one process, and no access log, which would contain login tokens."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        # Without a server in front, any client could fake its address in a header.
        proxy_headers=proxied,
        forwarded_allow_ips="127.0.0.1,::1",
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=IDLE_SECONDS,
        http=ImpatientProtocol,
        limit_concurrency=MOST_CONNECTIONS,
        ws="none",
        lifespan="off",
    )


def _bound(host: str, port: int) -> socket.socket:
    """Socket on this port; ValueError if the port is not free."""
    if not 0 <= port <= MOST_PORT:
        raise ValueError(f"expected --port from 0, a free one, to {MOST_PORT}, got {port}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ValueError(
            f"expected a free port on this machine, got {host}:{port}: {error.strerror}; "
            "give another --port, or stop the program that uses it"
        ) from None
