"""Routes for logging in and out."""

from hashlib import sha256

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from ..storage import Refused
from .form import Fields
from .problem import Problem
from .security import check_csrf
from .site import INVALID_LINK, UNKNOWN_LINK, address_of, site_of

router = APIRouter()
DAY_SECONDS = 86_400


# GET only: a mail scanner that checks a link with HEAD starts no session.
@router.get("/enter/{token}")
def enter(request: Request, token: str) -> Response:
    """Redirect to the start page, with a session cookie."""
    site, address = site_of(request), address_of(request)
    entry, link = site.counters.entry, f"link {sha256(token.encode()).hexdigest()}"
    if min(entry.left(address), entry.left(link)) < 1:
        raise Problem.of(429, "login links").with_headers({"retry-after": "60"})
    try:
        cookie = site.storage.enter(token)
    except Refused as refused:
        entry.take(address)
        text = INVALID_LINK.get(refused.reason, UNKNOWN_LINK)
        title = "This link does not work"
        raise Problem(403, title, text, f"link {refused.reason}", onward="") from None
    entry.take(link)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        site.cookie,
        cookie,
        max_age=site.storage.settings.days * DAY_SECONDS,
        httponly=True,
        samesite="lax",
        secure=site.secure,
    )
    return answer


@router.post("/leave")
def leave(request: Request, sent: Fields) -> Response:
    """Page that confirms the end of the session; the link logs in again."""
    site = site_of(request)
    check_csrf(site.session(request).csrf, sent)
    site.storage.leave(request.cookies[site.cookie])
    return site.farewell("You are logged out", "Your votes are saved. Open your link to continue.")
