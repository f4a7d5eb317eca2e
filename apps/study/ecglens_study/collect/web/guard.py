"""Guard in front of every route: origin, size of the body, security headers, error pages."""

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .error_page import error_page
from .headers import with_security
from .limits import BODY_BYTES, bounded
from .problem import Problem
from .security import check_origin
from .site import site_of


class Guard:
    """ASGI middleware that checks each request and turns every error into a page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        site = site_of(request)
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = with_security(message["headers"], site.secure)
                message = {**message, "headers": headers}
            await send(message)

        try:
            check_origin(request.method, request.headers, site.hosts, site.secure)
            _check_length(request)
            await self._app(scope, bounded(receive), answer)
        except ClientDisconnect:
            return  # the client has gone
        except Exception as error:
            if begun:
                raise
            response = await run_in_threadpool(error_page, request, error)
            await response(scope, receive, answer)


def _check_length(request: Request) -> None:
    """Raise Problem for a body that is declared too large, before reading it."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > 9 or int(length) > BODY_BYTES:
        raise Problem.of(413, f"{length[:20]} bytes")
