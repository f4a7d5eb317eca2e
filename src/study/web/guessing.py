"""The last page: which method drew which map, to see whether the blinding held."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from ...report.figures.style import style
from ..blinding import UNKNOWN
from ..box import Decided, GuessItem, Refused, Session
from .fields import Fields, read_order
from .participation import place
from .pictures import own, png
from .problem import Problem
from .security import check_csrf
from .site import Site, site_of
from .view import Choice, GuessPage, GuessPicture
from .voting import closed

router = APIRouter()
READ = ["GET", "HEAD"]
HERE = "/guess"


@router.api_route("/guess", methods=READ)
def ask_guesses(request: Request) -> Response:
    """One map of each method, without its name, to choose from all names."""
    site = site_of(request)
    who = site.expert(request)
    if (where := place(site, who)) != HERE:
        return RedirectResponse(where, 303)
    page = GuessPage(
        study=site.box.settings.name,
        expert=who.expert,
        csrf=who.csrf,
        sheet=own(f"{HERE}/sheet.png", who),
        geometry=site.box.guess_sheet()[1],
        pictures=tuple(
            GuessPicture(each.number, field(each.number), own(f"{HERE}/{each.number}.png", who))
            for each in site.box.guess_items(who.expert)
        ),
        choices=choices(site.box.methods),
        undo_order=0 if site.box.locked else site.box.progress(who.expert).done,
    )
    return site.page("guess.html", page)


@router.post("/guess")
def guess(request: Request, sent: Fields) -> Response:
    """Keeps the guesses, once."""
    site = site_of(request)
    who = site.consenting(request)
    check_csrf(who.csrf, sent)
    numbers = [each.number for each in _open(site, who)]
    guesses = {str(number): sent.get(field(number), "") for number in numbers}
    try:
        site.box.guess(who.expert, guesses)
    except Decided:
        raise Problem.of(409, "other guesses") from None
    except Refused as refused:
        raise closed(refused.reason) from None
    except ValueError:
        # The box's words name the methods, and the log is on the organiser's page.
        raise Problem.of(422, "guesses that the page does not offer") from None
    return RedirectResponse("/done", 303)


@router.api_route("/guess/sheet.png", methods=READ)
def sheet(request: Request) -> Response:
    """The ECG under all maps of the page."""
    site = site_of(request)
    _open(site, site.consenting(request))
    return png(site.box.guess_sheet()[0])


@router.api_route("/guess/{number}.png", methods=READ)
def heat(request: Request, number: str) -> Response:
    """The colour of one map of the page."""
    site = site_of(request)
    items, place = _open(site, site.consenting(request)), read_order(number)
    for item in items:
        if item.number == place:
            return png(item.heat)
    raise Problem.of(404, f"map {place} of {len(items)}")


def field(number: int) -> str:
    """What the form calls the guess of this map."""
    return f"map{number}"


def choices(methods: tuple[str, ...]) -> tuple[Choice, ...]:
    """The methods by their printed names, in an order that says nothing, and not to know."""
    named = [Choice(method, style(method).label) for method in methods]
    unknown = Choice(UNKNOWN, "I do not know")
    return (*sorted(named, key=lambda choice: choice.label.casefold()), unknown)


def _open(site: Site, who: Session) -> list[GuessItem]:
    """The maps of the page; Problem before the last vote, whose maps they would show."""
    if not site.box.settings.guess or site.box.next_turn(who.expert) is not None:
        raise Problem.of(403, "guesses before the last vote")
    return site.box.guess_items(who.expert)
