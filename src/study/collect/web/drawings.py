"""Routes of what a turn's page draws, addressed by position on the screen, never by method.

The responses have no date and no tag of the file: either could reveal which maps were drawn
together, or which map of the first showing returns in the second.
"""

import hashlib
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from ..storage import Session
from .form import read_order
from .headers import CACHED
from .problem import Problem
from .site import site_of
from .turns import AHEAD, item_of, turn_at

router = APIRouter()
READ = ["GET", "HEAD"]


@router.api_route("/turn/{order}/sheet.bin", methods=READ)
def sheet(request: Request, order: str) -> Response:
    """Samples of the ECG (int16, µV)."""
    site = site_of(request)
    expert = site.consenting(request).expert
    item = item_of(site.storage, turn_at(site.storage, expert, read_order(order), AHEAD))
    return binary(site.storage.drawings.sheet(item.ecg, item.view)[0])


@router.api_route("/turn/{order}/map/{position}.bin", methods=READ)
def heat(request: Request, order: str, position: str) -> Response:
    """Steps of the map at this position (int8)."""
    site = site_of(request)
    expert = site.consenting(request).expert
    turn = turn_at(site.storage, expert, read_order(order), AHEAD)
    place = read_order(position)
    if not 1 <= place <= len(turn.methods):
        raise Problem.of(404, f"map {place} of {len(turn.methods)}")
    drawings = site.storage.drawings
    path = drawings.map(item_of(site.storage, turn), turn.methods[place - 1])
    return binary(path, drawings.padding(path))


def binary(path: Path, padding: int = 0) -> Response:
    """Response with the file, and zeros behind its end, which the page does not read.

    Padded to one size: no map can be told from another by its length.
    """
    content = path.read_bytes() + bytes(padding)
    return Response(content, media_type="application/octet-stream", headers=CACHED)


def session_address(address: str, session: Session) -> str:
    """Address for this session: a shared browser never shows another expert's cached map."""
    return f"{address}?of={hashlib.sha256(session.csrf.encode()).hexdigest()[:16]}"


def sheet_address(order: int, session: Session) -> str:
    """Address of a turn's sheet."""
    return session_address(f"/turn/{order}/sheet.bin", session)


def map_addresses(order: int, shown: int, session: Session) -> tuple[str, ...]:
    """Addresses of a turn's maps, in order of the screen."""
    return tuple(
        session_address(f"/turn/{order}/map/{place}.bin", session) for place in range(1, shown + 1)
    )
