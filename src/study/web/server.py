"""A study on an address of this machine: one process, until it is told to stop."""

import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI

from ..box import BallotBox
from .app import application

LOCAL = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")
IDLE_SECONDS = 20  # a browser's connection is kept so long without a request
OPEN = """
    ┌────────────────────────────────────────────────────────────────────────────┐
    │  OPEN TO THE NETWORK, AND LINKS TRAVEL IN CLEAR TEXT.                      │
    │  Whoever listens can vote in the name of an expert. Serve on 127.0.0.1,    │
    │  put a server with TLS before it, and give its address: address=https://…  │
    └────────────────────────────────────────────────────────────────────────────┘
"""


def serve(folder: Path, host: str = "127.0.0.1", port: int = 8000, address: str = "") -> None:
    """Serve the study in `folder` until Ctrl-C.

    `address` is what experts open where it is not `host`, such as https://study.example.org of a
    server with TLS before this one; with https cookies travel by TLS alone. Port 0 takes a free
    one. Raises ValueError for a folder without a study, a port in use, and an unclear address.
    """
    box = BallotBox(folder)
    known, secure = hosts(host, address)
    with _bound(host, port) as sock:
        own = f"http://{f'[{host}]' if ':' in host else host}:{sock.getsockname()[1]}"
        server = uvicorn.Server(config(application(box, known, secure), proxied=secure))
        # After it has finished what it was answering, uvicorn says once more that Ctrl-C came.
        with suppress(KeyboardInterrupt):
            print(f"{box.settings.name}: {address.rstrip('/') or own}", flush=True)
            print("Ctrl-C stops it; every vote is kept.", flush=True)
            if in_the_open(host, known, secure):
                print(OPEN, flush=True)
            server.run(sockets=[sock])
    print("Stopped.", flush=True)


def hosts(host: str, address: str) -> tuple[tuple[str, ...], bool]:
    """The names that browsers may ask for, and whether they come by TLS."""
    if not address:
        if host in EVERYWHERE:
            raise ValueError(
                f"expected the address that experts open beside host {host}, got none; "
                "such as address=https://study.example.org"
            )
        return ((*LOCAL, host) if host in LOCAL else (host,)), False
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError(f"expected an address such as https://study.example.org, got {address}")
    return (parts.hostname,), parts.scheme == "https"


def in_the_open(host: str, known: Sequence[str], secure: bool) -> bool:
    """Whether others can ask this server without TLS, itself or by the address it is known by."""
    return host not in LOCAL or not (secure or {*known} <= {*LOCAL})


def config(app: FastAPI, proxied: bool) -> uvicorn.Config:
    """How uvicorn runs: one process, and quiet, since its lines would hold login tokens."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        # Without a server before this one, anybody could claim any address by a header.
        proxy_headers=proxied,
        forwarded_allow_ips="127.0.0.1,::1",
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=IDLE_SECONDS,
        http="h11",
        ws="none",
        lifespan="off",
    )


def _bound(host: str, port: int) -> socket.socket:
    """The socket, before anything is said of it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ValueError(
            f"expected a free port of this machine, got {host}:{port}: {error.strerror}; "
            "give another port, or stop what uses it"
        ) from None
