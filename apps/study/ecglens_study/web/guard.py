"""Guard in front of any page of this machine: origin, size and headers; every error is a page."""

import asyncio
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlsplit

from ecglens.store import printable
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .security import Problem

Raw = list[tuple[bytes, bytes]]
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Not no-referrer: browsers would then send "Origin: null" with the study's own forms, as with those
# of other sites. Other sites receive no referrer in either case.
REFERRER = "same-origin"
ALWAYS = {
    "content-security-policy": POLICY,
    "referrer-policy": REFERRER,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
NO_CACHE = {"cache-control": "no-store"}
# Drawings and styles never change at their address; Vary keeps two experts on one browser apart.
CACHED = {"cache-control": "private, max-age=3600", "vary": "Cookie"}
OVER_TLS = {"strict-transport-security": "max-age=31536000"}
SAFE = ("GET", "HEAD")
NO_HOST = {*"/?#@\\"}  # separators around the host in an address; never part of it
BODY_SECONDS = 30.0


class Guard:
    """ASGI middleware that checks each request and turns every error into a page.

    Raised for the page of `refused`: Problem 421 for a Host outside `hosts`, 403 for a form of
    another site, 413 beyond `most_bytes`, 408 for a body that takes longer than BODY_SECONDS, and
    whatever the application raises. `secure` is true behind a server with TLS.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Sequence[str],
        refused: Callable[[Request, Exception], Response],
        most_bytes: int,
        secure: bool = False,
    ) -> None:
        self._app = app
        self._hosts, self._secure, self._most = tuple(hosts), secure, most_bytes
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = with_security(message["headers"], self._secure)
                message = {**message, "headers": headers}
            await send(message)

        try:
            check_origin(request.method, request.headers, self._hosts, self._secure)
            _check_length(request, self._most)
            await self._app(scope, _bounded(receive, self._most), answer)
        except ClientDisconnect:
            return  # the client has gone
        except Exception as error:
            if begun:
                raise
            response = await run_in_threadpool(self._refused, request, error)
            await response(scope, receive, answer)


def traced(error: Exception) -> str:
    """Traceback of an error for the terminal: texts of others within it have no escapes."""
    lines = "".join(traceback.format_exception(error)).split("\n")
    return "\n".join(map(printable, lines))


def with_security(headers: Iterable[tuple[bytes, bytes]], secure: bool) -> Raw:
    """Headers with those of every response added; no caching unless they allow it."""
    own = [(name.lower(), value) for name, value in headers]
    names = {name for name, _ in own}
    wanted = NO_CACHE | ALWAYS | (OVER_TLS if secure else {})
    raw = {name.encode(): value.encode() for name, value in wanted.items()}
    return own + [(name, value) for name, value in raw.items() if name not in names]


def check_origin(method: str, headers: Headers, hosts: tuple[str, ...], secure: bool) -> None:
    """Raise Problem for a Host outside `hosts`, and for a form from another site.

    With DNS rebinding, a foreign page could send requests to this address under its own name.
    Browsers name the site of a form in Origin and Sec-Fetch-Site.
    """
    host = headers.get("host", "").lower()
    if host_name(host) not in hosts:
        raise Problem.of(421, f"Host {host!r}")
    if method in SAFE:
        return
    own = f"{'https' if secure else 'http'}://{host}"
    if (origin := headers.get("origin", own).lower()) != own:
        raise Problem.of(403, f"Origin {origin!r}")
    if (site := headers.get("sec-fetch-site", "same-origin")) not in ("same-origin", "none"):
        raise Problem.of(403, f"Sec-Fetch-Site {site!r}")


def host_name(host: str) -> str:
    """Host without port; "" if it is invalid."""
    try:
        known = host.isascii() and not NO_HOST & {*host}
        return urlsplit(f"//{host}").hostname or "" if known else ""
    except ValueError:
        return ""


def _check_length(request: Request, most: int) -> None:
    """Raise Problem for a body that is declared too large, before reading it."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > 9 or int(length) > most:
        raise Problem.of(413, f"{length[:20]} bytes")


def _bounded(receive: Receive, most: int) -> Receive:
    """Receiver of the body that raises Problem beyond `most` bytes or BODY_SECONDS."""
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
        if read > most:
            raise Problem.of(413)
        return message

    return next_part
