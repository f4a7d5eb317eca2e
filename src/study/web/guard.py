"""What stands before every route: the door, the size of what is sent, and the answer's headers."""

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .headers import with_security
from .limits import BODY_BYTES, bounded
from .problem import Problem
from .refusal import refusal
from .security import check_door
from .site import site_of


class Guard:
    """Refuses what should not reach a route, and turns every error into a page."""

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
            check_door(request.method, request.headers, site.hosts, site.secure)
            _check_length(request)
            await self._app(scope, bounded(receive), answer)
        except ClientDisconnect:
            return  # nobody is left to answer
        except Exception as error:
            if begun:
                raise
            response = await run_in_threadpool(refusal, request, error)
            await response(scope, receive, answer)


def _check_length(request: Request) -> None:
    """Raises Problem before anything is read of a body that says it is too large."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > 9 or int(length) > BODY_BYTES:
        raise Problem.of(413, f"{length[:20]} bytes")
