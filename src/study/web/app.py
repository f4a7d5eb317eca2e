"""The application: which routes there are, and what stands before them."""

from collections.abc import Sequence
from typing import NoReturn

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from jinja2 import Environment
from starlette.exceptions import HTTPException

from ...report.self_contained import environment
from ..box import BallotBox
from . import enter, exports, guessing, organising, own_files, participation, pictures, voting
from .guard import Guard
from .limits import Rates
from .problem import Problem
from .site import Counters, Site

ROOMS = (enter, participation, voting, pictures, guessing, organising, exports, own_files)


def application(
    box: BallotBox,
    hosts: Sequence[str],
    secure: bool,
    rates: Rates | None = None,
    templates: Environment | None = None,
) -> FastAPI:
    """A study as pages for browsers that ask for one of `hosts`, `secure` where TLS is before it.

    `rates` are the usual ones and `templates` those of this package unless others are given.
    """
    app = FastAPI(
        title=box.settings.name,
        openapi_url=None,
        redirect_slashes=False,
        exception_handlers={HTTPException: _framework, RequestValidationError: _fields},
    )
    app.state.site = Site(
        box,
        tuple(host.lower() for host in hosts),
        secure,
        Counters.of(rates or Rates()),
        templates or environment(__name__.rpartition(".")[0]),
    )
    for room in ROOMS:
        app.include_router(room.router)
    app.add_middleware(Guard)
    return app


def _framework(request: Request, error: HTTPException) -> NoReturn:
    """No such path or method, or a form that cannot be read: the framework's own words stay in."""
    raise Problem.of(error.status_code, "").with_headers(error.headers or {}) from None


def _fields(request: Request, error: RequestValidationError) -> NoReturn:
    """A path or form of another kind than the route takes."""
    raise Problem.of(422, "fields") from None
