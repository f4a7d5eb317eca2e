"""FastAPI application of a study: its routes and error pages."""

import logging
import re
import sqlite3
from collections.abc import Sequence
from typing import NoReturn

from ecglens.report import environment
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ..storage.study_storage import StudyStorage
from . import drawings, guesses, organiser, participation, voting
from .guard import Guard, traced
from .security import BODY_BYTES, Problem, Rates
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
    LOG.error(traced(error))
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
    site = app.state.site = Site(
        storage,
        tuple(host.lower() for host in hosts),
        secure,
        Counters.of(rates or Rates()),
        templates or environment(__name__.rpartition(".")[0]),
    )
    for route in ROUTES:
        app.include_router(route.router)
    app.add_middleware(
        Guard, hosts=site.hosts, refused=error_page, most_bytes=BODY_BYTES, secure=secure
    )
    return app


def _framework_error(request: Request, error: HTTPException) -> NoReturn:
    """Raise Problem without the framework's message: unknown path or method, unreadable form."""
    raise Problem.of(error.status_code, "").with_headers(error.headers or {}) from None


def _invalid_fields(request: Request, error: RequestValidationError) -> NoReturn:
    """Raise Problem for a path or form with wrong types."""
    raise Problem.of(422, "fields") from None
