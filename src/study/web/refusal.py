"""A refused request: a line in the log, and a plain page."""

import logging
import re
import sqlite3
import traceback

from fastapi import Request
from starlette.responses import Response

from .problem import Problem
from .site import Site, address_of, site_of

LOG = logging.getLogger(__name__)
# Browsers ask for these by themselves.
UNASKED = ("/favicon.ico", "/apple-touch-icon.png", "/apple-touch-icon-precomposed.png")
# All that may be a login token, or a link that was cut or copied wrongly.
SECRET = re.compile(r"(?<=/enter/).*|[\w-]{32,}", re.IGNORECASE | re.DOTALL)
LONGEST_PATH = 120


def refusal(request: Request, error: Exception) -> Response:
    """The page that says so; of any error but a Problem it says only that there was one."""
    site = site_of(request)
    problem = error if isinstance(error, Problem) else _unforeseen(error)
    who = getattr(request.state, "who", "")
    address = address_of(request)
    if not who and not site.counters.stranger.take(address):
        problem = Problem.of(429, "stranger").with_headers({"retry-after": "60"})
    _note(site, who or address, request, problem)
    answer = site.message(problem.title, problem.words, problem.onward, problem.status)
    answer.headers.update(problem.headers)
    return answer


def shown_path(request: Request) -> str:
    """The path as the log may keep it: no login token, nothing that a terminal would obey."""
    # Not of request.url, which is put together with what the browser says of the host.
    path = SECRET.sub("...", request.scope["path"])
    return ascii(path)[1:-1][:LONGEST_PATH]


def _unforeseen(error: Exception) -> Problem:
    LOG.error("".join(traceback.format_exception(error)))
    return Problem.of(500, type(error).__name__)


def _note(site: Site, who: str, request: Request, problem: Problem) -> None:
    if request.url.path in UNASKED:
        return
    notes, detail = site.counters.note, f"{request.method} {shown_path(request)}"
    last = 1 <= notes.left(who) < 2
    if not notes.take(who):
        return
    if problem.detail:
        detail += f": {problem.detail}"
    try:
        site.box.note(who, f"refused {problem.status}", detail)
        if last:
            site.box.note(who, "refused", "more of the same for a while, not noted one by one")
    except sqlite3.Error as error:
        # The page that says so must still come, also with a full disk.
        LOG.error("the log of the study could not be written: %s", error)
