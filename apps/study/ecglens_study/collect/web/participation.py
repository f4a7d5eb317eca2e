"""Routes before and after voting: start, consent, help, end, withdrawal."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from ...analysis.agreement import debrief
from ..storage import Session
from .form import Fields
from .page_data import ConsentPage, DonePage, HelpPage
from .problem import Problem
from .security import check_csrf
from .site import Site, site_of
from .turns import practice_turns
from .wording import debrief_text, saved_text

router = APIRouter()
READ = ["GET", "HEAD"]


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
    page = DonePage(
        study=storage.settings.name,
        expert=who.expert,
        csrf=who.csrf,
        locked=locked,
        saved=saved_text(made, progress.total - practice, storage.guessed(who.expert)),
        debrief=debrief_text(debrief(storage.ballots(), who.expert), locked),
        undo_order=0 if storage.finished(who.expert) or locked else progress.total,
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
