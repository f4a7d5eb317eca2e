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
    too_many = Problem.of(429, "login links").with_headers({"retry-after": "60"})
    if entry.left(link) < 1:
        raise too_many
    try:
        _check_same(request, site.storage.holder(token))
        cookie = site.storage.enter(token)
    except Refused as refused:
        # Wrong links alone are counted: colleagues behind one address can still log in.
        if not entry.take(address):
            raise too_many from None
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


def _check_same(request: Request, holder: str) -> None:
    """Raise Problem where somebody else is logged in: votes would go on under another name."""
    site = site_of(request)
    try:
        present = site.storage.session(request.cookies.get(site.cookie, "")).expert
    except Refused:
        return
    if present != holder:
        raise Problem(
            409,
            "Somebody else is logged in",
            f"This browser is logged in as {present}, and the link is of somebody else. Log out "
            "on the start page first, then open the link again.",
            "another link while logged in",
        )


@router.post("/leave")
def leave(request: Request, sent: Fields) -> Response:
    """Page that confirms the end of the session; the link logs in again."""
    site = site_of(request)
    check_csrf(site.session(request).csrf, sent)
    site.storage.leave(request.cookies[site.cookie])
    return site.farewell("You are logged out", "Your votes are saved. Open your link to continue.")
