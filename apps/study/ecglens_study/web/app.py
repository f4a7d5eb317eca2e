"""FastAPI application of a study: its routes, the guard in front of them, and error pages."""

import logging
import re
import sqlite3
import traceback
from collections.abc import Sequence
from typing import NoReturn

from ecglens.report import environment
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from jinja2 import Environment
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..storage.study_storage import StudyStorage
from . import drawings, guesses, organiser, participation, voting
from .security import BODY_BYTES, Problem, Rates, bounded, check_origin, with_security
from .site import Counters, Site, address_of, site_of

LOG = logging.getLogger(__name__)
# Browsers request these on their own.
NOT_LOGGED = ("/favicon.ico", "/apple-touch-icon.png", "/apple-touch-icon-precomposed.png")
# Anything that may be a login token, or a damaged link.
SECRET = re.compile(r"(?<=/enter/).*|[\w-]{32,}", re.IGNORECASE | re.DOTALL)
LONGEST_PATH = 120
ROUTES = (participation, voting, drawings, guesses, organiser)


def error_page(request: Request, error: Exception) -> Response:
    """Page for a refused request; an error other than a Problem is not described."""
    site = site_of(request)
    problem = error if isinstance(error, Problem) else _unforeseen(error)
    who = getattr(request.state, "who", "")
    address = address_of(request)
    if not who and not site.counters.stranger.take(address):
        problem = Problem.of(429, "stranger").with_headers({"retry-after": "60"})
    _note(site, who or address, request, problem)
    answer = site.message(problem.title, problem.text, problem.onward, problem.status)
    answer.headers.update(problem.headers)
    return answer


def shown_path(request: Request) -> str:
    """Path for the log, without login tokens and control characters."""
    # Not from request.url, which contains the host that the browser sent.
    path = SECRET.sub("...", request.scope["path"])
    return ascii(path)[1:-1][:LONGEST_PATH]


def _unforeseen(error: Exception) -> Problem:
    LOG.error("".join(traceback.format_exception(error)))
    return Problem.of(500, type(error).__name__)


def _note(site: Site, who: str, request: Request, problem: Problem) -> None:
    if request.url.path in NOT_LOGGED:
        return
    notes, detail = site.counters.note, f"{request.method} {shown_path(request)}"
    last = 1 <= notes.left(who) < 2
    if not notes.take(who):
        return
    if problem.detail:
        detail += f": {problem.detail}"
    try:
        site.storage.note(who, f"refused {problem.status}", detail)
        if last:
            site.storage.note(who, "refused", "more requests, not logged one by one")
    except sqlite3.Error as error:
        # The page must be sent even if the disk is full.
        LOG.error("cannot write the log of the study: %s", error)


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


def application(
    storage: StudyStorage,
    hosts: Sequence[str],
    secure: bool,
    rates: Rates | None = None,
    templates: Environment | None = None,
) -> FastAPI:
    """Application that serves a study to browsers that request one of `hosts`.

    `secure` is true behind a server with TLS. `rates` and `templates` default to those of this
    package.
    """
    app = FastAPI(
        title=storage.settings.name,
        openapi_url=None,
        redirect_slashes=False,
        exception_handlers={
            HTTPException: _framework_error,
            RequestValidationError: _invalid_fields,
        },
    )
    app.state.site = Site(
        storage,
        tuple(host.lower() for host in hosts),
        secure,
        Counters.of(rates or Rates()),
        templates or environment(__name__.rpartition(".")[0]),
    )
    for route in ROUTES:
        app.include_router(route.router)
    app.add_middleware(Guard)
    return app


def _framework_error(request: Request, error: HTTPException) -> NoReturn:
    """Raise Problem without the framework's message: unknown path or method, unreadable form."""
    raise Problem.of(error.status_code, "").with_headers(error.headers or {}) from None


def _invalid_fields(request: Request, error: RequestValidationError) -> NoReturn:
    """Raise Problem for a path or form with wrong types."""
    raise Problem.of(422, "fields") from None
