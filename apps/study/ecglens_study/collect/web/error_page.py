"""Error page for a refused request, and its line in the log."""

import logging
import re
import sqlite3
import traceback

from fastapi import Request
from starlette.responses import Response

from .problem import Problem
from .site import Site, address_of, site_of

LOG = logging.getLogger(__name__)
# Browsers request these on their own.
NOT_LOGGED = ("/favicon.ico", "/apple-touch-icon.png", "/apple-touch-icon-precomposed.png")
# Anything that may be a login token, or a damaged link.
SECRET = re.compile(r"(?<=/enter/).*|[\w-]{32,}", re.IGNORECASE | re.DOTALL)
LONGEST_PATH = 120


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
