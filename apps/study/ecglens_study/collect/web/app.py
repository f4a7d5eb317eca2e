"""FastAPI application of a study: its routes and the guard in front of them."""

from collections.abc import Sequence
from typing import NoReturn

from ecglens.report import environment
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from jinja2 import Environment
from starlette.exceptions import HTTPException

from ..storage import StudyStorage
from . import drawings, exports, guesses, login, organiser, participation, static_files, voting
from .guard import Guard
from .limits import Rates
from .problem import Problem
from .site import Counters, Site

ROUTES = (login, participation, voting, drawings, guesses, organiser, exports, static_files)


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
