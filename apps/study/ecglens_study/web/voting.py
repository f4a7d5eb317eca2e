"""Routes of a turn: its page, the vote, and undo."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from ..ballots import RATINGS
from ..crossover import CONFIDENCES, OFFERED
from ..settings import JUDGE, Settings, Turn
from ..storage.database import Decided, Refused
from ..storage.people import Session
from ..storage.voting import LONGEST_COMMENT, Vote
from .drawings import item_of, turn_address, turn_at
from .form import Fields, read_order, seconds_of, whole_of
from .page_data import MessagePage, VotePage
from .participation import next_page
from .security import Problem, check_csrf
from .site import Site, site_of
from .wording import feedback, output_text, pause_text, progress_shown, within_text

UNSET = -1
router = APIRouter()
READ = ["GET", "HEAD"]
ON = "/vote"
UNSAVED = "Your earlier votes are saved; this answer is not."


def vote_of(fields: Mapping[str, str], settings: Settings) -> Vote:
    """Vote of a form; Problem for a missing choice or a comment that is too long."""
    rates = settings.task == "rate"
    position = whole_of(fields, "position", 1 if rates else UNSET)
    rating = whole_of(fields, "rating", 0)
    if settings.task == JUDGE and (position == UNSET or rating not in CONFIDENCES):
        text = "Go back, choose right or wrong, and say how sure you are."
        raise Problem(422, "The answer is not complete", text, "no position or confidence")
    if position == UNSET:
        raise Problem(422, "No map chosen", "Go back and choose a map.", "no position")
    if rates and rating not in RATINGS:
        raise Problem(422, "No rating", "Go back and rate the map from 1 to 5.", "no rating")
    comment = fields.get("comment", "").strip()
    if len(comment) > LONGEST_COMMENT:
        text = f"A comment can have {LONGEST_COMMENT} characters. Go back and shorten it."
        raise Problem(422, "The comment is too long", text, f"comment of {len(comment)} characters")
    return Vote(
        position=position,
        rating=rating,
        second=fields.get("second", ""),
        comment=comment,
        seconds=seconds_of(fields),
    )


@router.api_route("/vote", methods=READ)
def go_on(request: Request) -> Response:
    """Redirect to the next turn, or to the page after the last one; a page during the washout."""
    site = site_of(request)
    who = site.expert(request)
    where = next_page(site, who)
    if where == ON:
        where = f"{ON}/{site.storage.next_turn(who.expert)}"
        if back := site.storage.back_on(who.expert):
            return site.page("message.html", _pause(site, back, where))
    return RedirectResponse(where, 303)


@router.api_route("/vote/{order}", methods=READ)
def show(request: Request, order: str) -> Response:
    """Page of a turn: open if it is the next one, read-only if it is the last one with a vote.

    Earlier votes are not shown: the same item is judged twice, and the first answer must not help
    with the second. Practice can be seen again.
    """
    site = site_of(request)
    who = site.expert(request)
    if not site.storage.consented(who.expert):
        return RedirectResponse("/consent", 303)
    turn = turn_at(site.storage, who.expert, read_order(order))
    past = site.storage.vote_on(who.expert, turn.order + 1) is not None
    if past and item_of(site.storage, turn).phase == "vote":
        return RedirectResponse(ON, 303)
    ballot = site.storage.vote_on(who.expert, turn.order)
    if ballot is None:
        if site.storage.locked:
            return RedirectResponse(next_page(site, who), 303)
        if request.method == "GET":
            site.storage.shown(who.expert, turn.order)
    return site.page("vote.html", _page(site, who, turn, ballot))


@router.post("/vote/{order}")
def vote(request: Request, order: str, sent: Fields) -> Response:
    """Redirect to the next turn, after storing the vote; a double click changes nothing."""
    site = site_of(request)
    who = site.consenting(request)
    check_csrf(who.csrf, sent)
    turn = turn_at(site.storage, who.expert, read_order(order))
    given = vote_of(sent, site.storage.settings)
    try:
        site.storage.vote(who.expert, turn.order, given)
    except Decided:
        raise Problem(
            409,
            "Already answered",
            "You gave a different answer before, perhaps in another tab. That answer is saved.",
            f"different answer to turn {turn.order}",
            onward=ON,
        ) from None
    except Refused as refused:
        raise closed(refused.reason, UNSAVED) from None
    except ValueError as error:
        raise Problem.of(422, f"vote refused by the storage: {error}") from None
    return RedirectResponse(ON, 303)


@router.post("/undo")
def undo(request: Request, sent: Fields) -> Response:
    """Redirect to the last turn, after undoing its vote."""
    site = site_of(request)
    who = site.consenting(request)
    check_csrf(who.csrf, sent)
    if (order := whole_of(sent, "order", 0)) < 1:
        raise Problem.of(422, "nothing to undo")
    try:
        site.storage.undo(who.expert, order)
    except Refused as refused:
        raise closed(refused.reason) from None
    except ValueError as error:
        text = (
            "Only your last vote can be undone, and not after your votes are final or the study "
            "was locked."
        )
        title = "This vote cannot be undone"
        raise Problem(409, title, text, f"undo of turn {order}: {error}") from None
    return RedirectResponse(f"{ON}/{order}", 303)


def _pause(site: Site, back: str, where: str) -> MessagePage:
    return MessagePage(
        study=site.storage.settings.name,
        title="A pause between the two parts",
        text=pause_text(back),
        onward=where,
        label="Go on without the pause",
        advised=False,
    )


def closed(reason: str, saved: str = "Your votes are saved.") -> Problem:
    """Problem of a request that is not accepted now; `saved` says what of the answers is saved."""
    text = f"The organiser has locked the study. {saved}"
    return Problem(409, "The study is closed", text, f"vote while {reason}")


def _page(site: Site, who: Session, turn: Turn, ballot: Vote | None) -> VotePage:
    storage, settings = site.storage, site.storage.settings
    item, progress = item_of(storage, turn), storage.progress(who.expert)
    # After undo, the comment and the second answer are still there; the choice is open.
    given = ballot or storage.undone_vote(who.expert, turn.order) or Vote(position=0)
    last = storage.undoable(who.expert)
    return VotePage(
        study=settings.name,
        expert=who.expert,
        csrf=who.csrf,
        order=turn.order,
        phase=item.phase,
        view=item.view,
        title=item.title,
        prediction=settings.prediction,
        output=output_text(item),
        task=settings.task,
        shown=len(turn.methods),
        none=settings.offers_none,
        within=within_text(item, settings),
        confidences=OFFERED if settings.task == JUDGE else (),
        second=settings.second,
        second_answers=settings.second_answers,
        comment=settings.comment,
        drawings=turn_address(turn.order, who),
        ahead=turn_address(turn.order + 1, who) if turn.order < progress.total else "",
        geometry=storage.drawings.sheet(item.ecg, item.view)[1],
        progress=progress_shown(progress),
        lead=item.lead,
        feedback=_feedback(site, who, turn, ballot),
        undo_order=last if turn.order >= last else 0,
        decided=ballot is not None,
        chosen=given.position,
        rated=given.rating,
        answered=given.second,
        commented=given.comment,
    )


def _feedback(site: Site, who: Session, turn: Turn, ballot: Vote | None) -> str:
    """Right answer of the practice turn that has a vote: this one, or the one before."""
    storage = site.storage
    if ballot is None and turn.order > 1:
        turn = storage.turn(who.expert, turn.order - 1)
        ballot = storage.vote_on(who.expert, turn.order)
    item = item_of(storage, turn)
    if ballot is None or item.phase != "practice" or not item.catch:
        return ""
    return feedback(item, turn, ballot)
