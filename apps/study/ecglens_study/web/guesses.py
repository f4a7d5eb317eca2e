"""Routes after the last vote: the votes become final, then the expert guesses the methods."""

from ecglens.report import style
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from ..csv_files import UNKNOWN
from ..storage.database import Decided, Refused
from ..storage.guesses import GuessItem
from ..storage.people import Session
from .drawings import binary, session_address
from .form import Fields
from .page_data import Choice, FinalPage, GuessPage, GuessPicture
from .participation import next_page
from .security import Problem, check_csrf
from .site import Site, site_of
from .voting import UNSAVED, closed

router = APIRouter()
READ = ["GET", "HEAD"]
HERE = "/guess"


@router.api_route("/guess", methods=READ)
def ask_guesses(request: Request) -> Response:
    """Page with one unnamed map per method, each with a list of all names.

    Until the votes are final, the page that asks for this: with the names, a second vote on the
    same map would no longer be blinded.
    """
    site = site_of(request)
    who = site.expert(request)
    if (where := next_page(site, who)) != HERE:
        return RedirectResponse(where, 303)
    name = site.storage.settings.name
    if not site.storage.finished(who.expert):
        last = site.storage.undoable(who.expert)
        page = FinalPage(study=name, expert=who.expert, csrf=who.csrf, undo_order=last)
        return site.page("final.html", page)
    page = GuessPage(
        study=name,
        expert=who.expert,
        csrf=who.csrf,
        drawings=session_address(f"{HERE}/drawings.bin", who),
        geometry=site.storage.guess_sheet()[1],
        pictures=tuple(
            GuessPicture(each.number, field(each.number))
            for each in site.storage.guess_items(who.expert)
        ),
        choices=choices(site.storage.methods),
    )
    return site.page("guess.html", page)


@router.post("/guess/final")
def finish(request: Request, sent: Fields) -> Response:
    """Redirect to the guesses, after storing that the votes are final."""
    site = site_of(request)
    who = site.consenting(request)
    check_csrf(who.csrf, sent)
    try:
        site.storage.finish(who.expert)
    except Refused as refused:
        raise closed(refused.reason) from None
    except ValueError:
        raise Problem.of(403, "final votes before the last one") from None
    return RedirectResponse("/", 303)


@router.post("/guess")
def guess(request: Request, sent: Fields) -> Response:
    """Redirect to the end, after storing the guesses."""
    site = site_of(request)
    who = site.consenting(request)
    check_csrf(who.csrf, sent)
    numbers = [each.number for each in _open(site, who)]
    guesses = {str(number): sent.get(field(number), "") for number in numbers}
    try:
        site.storage.guess(who.expert, guesses)
    except Decided:
        raise Problem.of(409, "different guesses are stored") from None
    except Refused as refused:
        raise closed(refused.reason, UNSAVED) from None
    except ValueError:
        # The storage's message names the methods, and the organiser can read the log.
        raise Problem.of(422, "guesses that are not on the list") from None
    return RedirectResponse("/done", 303)


@router.api_route("/guess/drawings.bin", methods=READ)
def drawings_of_guesses(request: Request) -> Response:
    """Samples of the ECG under all maps of the page, then the steps of each map by its number."""
    site = site_of(request)
    items = _open(site, site.consenting(request))
    drawings = site.storage.drawings
    return binary(site.storage.guess_sheet()[0], [each.heat for each in items], drawings)


def field(number: int) -> str:
    """Name of the form field for this map."""
    return f"map{number}"


def choices(methods: tuple[str, ...]) -> tuple[Choice, ...]:
    """Methods in alphabetical order of their labels, then "I do not know"."""
    named = [Choice(method, style(method).label) for method in methods]
    unknown = Choice(UNKNOWN, "I do not know")
    return (*sorted(named, key=lambda choice: choice.label.casefold()), unknown)


def _open(site: Site, who: Session) -> list[GuessItem]:
    """Maps of the page; Problem before the votes are final."""
    if not site.storage.settings.guess or not site.storage.finished(who.expert):
        raise Problem.of(403, "guesses before the votes are final")
    return site.storage.guess_items(who.expert)
