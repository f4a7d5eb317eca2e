"""The page of a turn, the vote on it, and taking the last one back."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from ..box import Decided, Refused, Session, Vote
from ..design import Turn
from .fields import Fields, read_order, whole_of
from .participation import place
from .pictures import map_addresses, sheet_address
from .problem import Problem
from .security import check_csrf
from .site import Site, site_of
from .turns import AHEAD, item_of, offers_none, turn_at
from .view import VotePage
from .votes import vote_of
from .words import way_of

router = APIRouter()
READ = ["GET", "HEAD"]
ON = "/vote"


@router.api_route("/vote", methods=READ)
def go_on(request: Request) -> Response:
    """On to the next turn, or to what comes after the last."""
    site = site_of(request)
    who = site.expert(request)
    where = place(site, who)
    if where == ON:
        where = f"{ON}/{site.box.next_turn(who.expert)}"
    return RedirectResponse(where, 303)


@router.api_route("/vote/{order}", methods=READ)
def show(request: Request, order: str) -> Response:
    """The page of a turn: open when it is the next one, to be read when it is decided."""
    site = site_of(request)
    who = site.expert(request)
    if not site.box.consented(who.expert):
        return RedirectResponse("/consent", 303)
    turn = turn_at(site.box, who.expert, read_order(order))
    ballot = site.box.ballot(who.expert, turn.order)
    if ballot is None:
        if site.box.locked:
            raise closed()
        if request.method == "GET":
            site.box.shown(who.expert, turn.order)
    return site.page("vote.html", _page(site, who, turn, ballot))


@router.post("/vote/{order}")
def vote(request: Request, order: str, sent: Fields) -> Response:
    """Keeps the vote, and on. The same vote once more, as of a double click, changes nothing."""
    site = site_of(request)
    who = site.consenting(request)
    check_csrf(who.csrf, sent)
    turn = turn_at(site.box, who.expert, read_order(order))
    given = vote_of(sent, site.box.settings)
    try:
        site.box.vote(who.expert, turn.order, given)
    except Decided:
        raise Problem(
            409,
            "This is decided already",
            "Another answer was given before, perhaps in another tab. That one is kept.",
            f"another answer to turn {turn.order}",
            onward=ON,
        ) from None
    except Refused as refused:
        raise closed(refused.reason) from None
    except ValueError as error:
        raise Problem.of(422, f"vote refused by the box: {error}") from None
    return RedirectResponse(ON, 303)


@router.post("/undo")
def undo(request: Request, sent: Fields) -> Response:
    """Takes the vote on turn `order` back while it is the last, and opens that turn."""
    site = site_of(request)
    who = site.consenting(request)
    check_csrf(who.csrf, sent)
    if (order := whole_of(sent, "order", 0)) < 1:
        raise Problem.of(422, "undo of nothing")
    try:
        site.box.undo(who.expert, order)
    except Refused as refused:
        raise closed(refused.reason) from None
    except ValueError as error:
        words = "It is not the last vote any more, or you have made your guesses."
        title = "This vote cannot be taken back"
        raise Problem(409, title, words, f"undo of turn {order}: {error}") from None
    return RedirectResponse(f"{ON}/{order}", 303)


def closed(reason: str = "locked") -> Problem:
    """That no vote is taken now."""
    words = "The organiser has locked the study. What you voted before is kept."
    return Problem(409, "The study is closed", words, f"vote while {reason}", onward="")


def _page(site: Site, who: Session, turn: Turn, ballot: Vote | None) -> VotePage:
    box, settings = site.box, site.box.settings
    item, progress = item_of(box, turn), box.progress(who.expert)
    given = ballot or Vote(position=0)
    # The turns decided are the first ones, so that the last of them is as many as there are.
    undoable = turn.order >= progress.done and not box.locked and not box.guessed(who.expert)
    return VotePage(
        study=settings.name,
        expert=who.expert,
        csrf=who.csrf,
        order=turn.order,
        part=item.part,
        view=item.view,
        words=item.words,
        prediction=item.prediction,
        protocol=settings.protocol,
        shown=len(turn.methods),
        none=offers_none(settings),
        second=settings.second,
        second_answers=settings.second_answers,
        comment=settings.comment,
        sheet=sheet_address(turn.order, who),
        maps=map_addresses(turn.order, len(turn.methods), who),
        ahead=_ahead(site, who, turn) if turn.order < progress.of else (),
        geometry=box.sheet(item.ecg, item.view)[1],
        way=way_of(progress),
        undo_order=progress.done if undoable else 0,
        decided=ballot is not None,
        chosen=given.position,
        rated=given.rating,
        answered=given.second,
        commented=given.comment,
    )


def _ahead(site: Site, who: Session, turn: Turn) -> tuple[str, ...]:
    """The pictures of the turn after this one."""
    after = turn_at(site.box, who.expert, turn.order + 1, AHEAD)
    shown = len(after.methods)
    return sheet_address(after.order, who), *map_addresses(after.order, shown, who)
