"""The paper and the heat of a turn, by its place on the screen and never by its method.

They are sent without a date or a tag of the file: either would tell maps that were drawn together
from others, or a map of the first showing in the second.
"""

import hashlib
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from ..box import Session
from .fields import read_order
from .headers import KEPT
from .problem import Problem
from .site import site_of
from .turns import AHEAD, item_of, turn_at

router = APIRouter()
READ = ["GET", "HEAD"]


@router.api_route("/turn/{order}/sheet.png", methods=READ)
def sheet(request: Request, order: str) -> Response:
    """The ECG of this turn on paper."""
    site = site_of(request)
    expert = site.consenting(request).expert
    item = item_of(site.box, turn_at(site.box, expert, read_order(order), AHEAD))
    return png(site.box.sheet(item.ecg, item.view)[0])


@router.api_route("/turn/{order}/map/{position}.png", methods=READ)
def heat(request: Request, order: str, position: str) -> Response:
    """The colour of the map at this place of the screen."""
    site = site_of(request)
    expert = site.consenting(request).expert
    turn = turn_at(site.box, expert, read_order(order), AHEAD)
    place = read_order(position)
    if not 1 <= place <= len(turn.methods):
        raise Problem.of(404, f"map {place} of {len(turn.methods)}")
    return png(site.box.map(item_of(site.box, turn), turn.methods[place - 1]))


def png(path: Path) -> Response:
    """The picture alone."""
    return Response(path.read_bytes(), media_type="image/png", headers=KEPT)


def own(address: str, session: Session) -> str:
    """The picture's address for this session: a shared browser keeps no map of another expert's."""
    return f"{address}?of={hashlib.sha256(session.csrf.encode()).hexdigest()[:16]}"


def sheet_address(order: int, session: Session) -> str:
    """Where the paper of a turn lies."""
    return own(f"/turn/{order}/sheet.png", session)


def map_addresses(order: int, shown: int, session: Session) -> tuple[str, ...]:
    """Where the maps of a turn lie, in the order of the screen."""
    return tuple(own(f"/turn/{order}/map/{place}.png", session) for place in range(1, shown + 1))
