"""Routes of an expert's way: logging in, start, consent, help, end, withdrawal, logging out."""

from hashlib import sha256

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from ..agreement import debrief
from ..storage.database import Refused
from ..storage.people import Session
from .drawings import practice_turns
from .form import Fields
from .page_data import ConsentPage, DonePage, HelpPage
from .security import Problem, check_csrf
from .site import INVALID_LINK, UNKNOWN_LINK, Site, address_of, site_of
from .wording import debrief_text, saved_text

router = APIRouter()
DAY_SECONDS = 86_400
READ = ["GET", "HEAD"]


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


def next_page(site: Site, session: Session) -> str:
    """Path of the page where this person continues."""
    storage, expert = site.storage, session.expert
    if session.organiser:
        return "/organiser"
    if storage.locked:
        return "/done"
    if not storage.consented(expert):
        return "/consent"
    if storage.next_turn(expert) is not None:
        return "/vote"
    return "/guess" if storage.settings.guess and not storage.guessed(expert) else "/done"


@router.api_route("/", methods=READ)
def start(request: Request) -> Response:
    """Redirect to the page where this person continues."""
    site = site_of(request)
    return RedirectResponse(next_page(site, site.session(request)), 303)


@router.api_route("/consent", methods=READ)
def ask_consent(request: Request) -> Response:
    """Page with the consent text and a short introduction."""
    site = site_of(request)
    who, settings = site.expert(request), site.storage.settings
    practice = practice_turns(site.storage)
    page = ConsentPage(
        study=settings.name,
        expert=who.expert,
        csrf=who.csrf,
        task=settings.task,
        none=settings.offers_none,
        prediction=settings.prediction,
        consent=settings.consent,
        decisions=site.storage.progress(who.expert).total - practice,
        practice=practice,
        given=site.storage.consented(who.expert),
    )
    return site.page("consent.html", page)


@router.post("/consent")
def consent(request: Request, sent: Fields) -> Response:
    """Redirect to the first turn, after storing the consent."""
    site = site_of(request)
    who = site.expert(request)
    check_csrf(who.csrf, sent)
    if sent.get("agree") != "yes":
        raise Problem.of(422, "consent without agreement")
    site.storage.consent(who.expert)
    return RedirectResponse("/", 303)


@router.api_route("/done", methods=READ)
def done(request: Request) -> Response:
    """Page with thanks after the last answer or in a locked study, else a redirect."""
    site = site_of(request)
    who, storage = site.expert(request), site.storage
    if (where := next_page(site, who)) != "/done":
        return RedirectResponse(where, 303)
    progress, practice = storage.progress(who.expert), practice_turns(storage)
    made, locked = max(0, progress.done - practice), storage.locked
    final = storage.finished(who.expert)
    told = debrief_text(debrief(storage.ballots(), who.expert), locked)
    page = DonePage(
        study=storage.settings.name,
        expert=who.expert,
        csrf=who.csrf,
        locked=locked,
        saved=saved_text(made, progress.total - practice, storage.guessed(who.expert)),
        debrief=told if final or locked else (),
        may_end=bool(told) and not final and not locked,
        undo_order=storage.undoable(who.expert),
    )
    return site.page("done.html", page)


@router.api_route("/help", methods=READ)
def read_help(request: Request) -> Response:
    """Page with the question, the colours and the keys."""
    site = site_of(request)
    who, settings = site.expert(request), site.storage.settings
    page = HelpPage(
        study=settings.name,
        expert=who.expert,
        csrf=who.csrf,
        task=settings.task,
        none=settings.offers_none,
        comment=settings.comment,
        second=settings.second,
        prediction=settings.prediction,
        consent=settings.consent,
    )
    return site.page("help.html", page)


@router.post("/withdraw")
def withdraw(request: Request, sent: Fields) -> Response:
    """Page that confirms the withdrawal and ends the session."""
    site = site_of(request)
    who = site.expert(request)
    check_csrf(who.csrf, sent)
    if sent.get("sure") != "yes":
        raise Problem.of(422, "withdrawal not confirmed")
    site.storage.withdraw(who.expert, "the expert, web page")
    return site.farewell(
        "You have withdrawn", "Your answers will not be used. Your link no longer works."
    )
