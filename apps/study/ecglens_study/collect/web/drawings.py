"""Route of what a turn's page draws, in order of the screen, never named by method.

The responses have no date and no tag of the file: either could reveal which maps were drawn
together, or which map of the first showing returns in the second.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from ..storage import Drawings, Session
from .form import read_order
from .headers import CACHED
from .site import site_of
from .turns import AHEAD, item_of, turn_at

router = APIRouter()
READ = ["GET", "HEAD"]


@router.api_route("/turn/{order}/drawings.bin", methods=READ)
def drawings_of_turn(request: Request, order: str) -> Response:
    """Samples of the ECG (int16, µV), then the steps of each map (int8) in order of the screen."""
    site = site_of(request)
    expert = site.consenting(request).expert
    turn = turn_at(site.storage, expert, read_order(order), AHEAD)
    item, drawings = item_of(site.storage, turn), site.storage.drawings
    maps = [drawings.map(item, method) for method in turn.methods]
    return binary(drawings.sheet(item.ecg, item.view)[0], maps, drawings)


def binary(sheet: Path, maps: Sequence[Path], drawings: Drawings) -> Response:
    """Response with these files; behind each map are zeros that the page does not read.

    One file, as a request costs a browser more than its bytes do. Every map is padded to one size:
    none can be told from another by its length.
    """
    padded = [path.read_bytes() + bytes(drawings.padding(path)) for path in maps]
    content = b"".join([sheet.read_bytes(), *padded])
    return Response(content, media_type="application/octet-stream", headers=CACHED)


def session_address(address: str, session: Session) -> str:
    """Address for this session: a shared browser never shows another expert's cached map."""
    return f"{address}?of={hashlib.sha256(session.csrf.encode()).hexdigest()[:16]}"


def turn_address(order: int, session: Session) -> str:
    """Address of a turn's drawings."""
    return session_address(f"/turn/{order}/drawings.bin", session)
