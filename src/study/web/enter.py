"""From a login link to a session."""

from hashlib import sha256

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from ..box import Refused
from .fields import Fields
from .problem import Problem
from .security import check_csrf
from .site import NOT_TAKEN, UNKNOWN, address_of, site_of

router = APIRouter()
DAY_SECONDS = 86_400


# GET alone: a mail scanner that only looks at a link by HEAD makes no session.
@router.get("/enter/{token}")
def enter(request: Request, token: str) -> Response:
    """The session's cookie, and on to where the expert was."""
    site, address = site_of(request), address_of(request)
    entry, link = site.counters.entry, f"link {sha256(token.encode()).hexdigest()}"
    if min(entry.left(address), entry.left(link)) < 1:
        raise Problem.of(429, "login links").with_headers({"retry-after": "60"})
    try:
        cookie = site.box.enter(token)
    except Refused as refused:
        entry.take(address)
        words = NOT_TAKEN.get(refused.reason, UNKNOWN)
        title = "This link does not work"
        raise Problem(403, title, words, f"link {refused.reason}", onward="") from None
    entry.take(link)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        site.cookie,
        cookie,
        max_age=site.box.settings.days * DAY_SECONDS,
        httponly=True,
        samesite="lax",
        secure=site.secure,
    )
    return answer


@router.post("/leave")
def leave(request: Request, sent: Fields) -> Response:
    """The session ends here; the link logs in again."""
    site = site_of(request)
    check_csrf(site.session(request).csrf, sent)
    site.box.leave(request.cookies[site.cookie])
    return site.left("You are logged out", "Your votes are kept. Your link logs you in again.")
