"""Where an expert is sent, and what stands before and after the voting."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from ..box import Session
from .fields import Fields
from .problem import Problem
from .security import check_csrf
from .site import Site, site_of
from .turns import offers_none, practice_turns
from .view import ConsentPage, DonePage, HelpPage

router = APIRouter()
READ = ["GET", "HEAD"]


def place(site: Site, session: Session) -> str:
    """The path of the page where this person goes on."""
    box, expert = site.box, session.expert
    if session.organiser:
        return "/organiser"
    if not box.consented(expert):
        return "/consent"
    if box.next_turn(expert) is not None:
        return "/vote"
    return "/guess" if box.settings.guess and not box.guessed(expert) else "/done"


@router.api_route("/", methods=READ)
def start(request: Request) -> Response:
    """On to where the person was."""
    site = site_of(request)
    return RedirectResponse(place(site, site.session(request)), 303)


@router.api_route("/consent", methods=READ)
def ask_consent(request: Request) -> Response:
    """What is agreed to."""
    site = site_of(request)
    who = site.expert(request)
    practice = practice_turns(site.box)
    page = ConsentPage(
        study=site.box.settings.name,
        expert=who.expert,
        csrf=who.csrf,
        consent=site.box.settings.consent,
        decisions=site.box.progress(who.expert).of - practice,
        practice=practice,
        given=site.box.consented(who.expert),
    )
    return site.page("consent.html", page)


@router.post("/consent")
def consent(request: Request, sent: Fields) -> Response:
    """The expert takes part, and begins."""
    site = site_of(request)
    who = site.expert(request)
    check_csrf(who.csrf, sent)
    if sent.get("agree") != "yes":
        raise Problem.of(422, "consent without agreement")
    site.box.consent(who.expert)
    return RedirectResponse("/", 303)


@router.api_route("/done", methods=READ)
def done(request: Request) -> Response:
    """Thanks; while something is left to do, on to that."""
    site = site_of(request)
    who = site.expert(request)
    if (where := place(site, who)) != "/done":
        return RedirectResponse(where, 303)
    turns, guessed = site.box.progress(who.expert).of, site.box.guessed(who.expert)
    page = DonePage(
        study=site.box.settings.name,
        expert=who.expert,
        csrf=who.csrf,
        decisions=turns - practice_turns(site.box),
        guessed=guessed,
        undo_order=0 if guessed or site.box.locked else turns,
    )
    return site.page("done.html", page)


@router.api_route("/help", methods=READ)
def read_help(request: Request) -> Response:
    """The keys and what is asked."""
    site = site_of(request)
    who, settings = site.expert(request), site.box.settings
    page = HelpPage(
        study=settings.name,
        expert=who.expert,
        csrf=who.csrf,
        protocol=settings.protocol,
        none=offers_none(settings),
        comment=settings.comment,
        second=settings.second,
        consent=settings.consent,
    )
    return site.page("help.html", page)


@router.post("/withdraw")
def withdraw(request: Request, sent: Fields) -> Response:
    """The expert's votes count no longer, and the session is over."""
    site = site_of(request)
    who = site.expert(request)
    check_csrf(who.csrf, sent)
    if sent.get("sure") != "yes":
        raise Problem.of(422, "withdrawal without being sure")
    site.box.withdraw(who.expert)
    return site.left("You have withdrawn", "None of your answers is used. Your link is closed.")
