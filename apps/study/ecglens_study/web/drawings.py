"""Routes for what a page loads: sheets and heatmaps of a turn, styles and scripts."""

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from ..settings import Item, Turn
from ..storage.drawings import Drawings
from ..storage.people import Session
from ..storage.study_storage import StudyStorage
from .form import read_order
from .guard import CACHED
from .security import Problem
from .site import site_of

# Drawings of one turn after the next one can be requested ahead.
AHEAD = 1
router = APIRouter()
READ = ["GET", "HEAD"]
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def turn_at(storage: StudyStorage, expert: str, order: int, ahead: int = 0) -> Turn:
    """Turn with this order; Problem if it is more than `ahead` turns after the next one."""
    try:
        turn = storage.turn(expert, order)
    except ValueError:
        raise Problem.of(404, f"turn {order}") from None
    following = storage.next_turn(expert)
    if following is not None and order > following + ahead:
        raise Problem(
            409,
            "Not the next ECG",
            "ECGs are judged in order. Continue where you stopped.",
            f"turn {order} while {following} is next",
            onward="/vote",
        )
    return turn


def item_of(storage: StudyStorage, turn: Turn) -> Item:
    """Item of this turn."""
    return storage.items[turn.item]


def practice_turns(storage: StudyStorage) -> int:
    """Number of practice turns; each practice item is shown once."""
    return sum(item.phase == "practice" for item in storage.items)


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


@router.api_route("/static/{name}", methods=["GET", "HEAD"])
async def static_file(request: Request, name: str) -> Response:
    """File of the static folder."""
    if name not in static_files():
        raise Problem.of(404, "no such file")
    content, kind = static_files()[name]
    return Response(content, media_type=kind, headers=CACHED)


@cache
def static_files() -> dict[str, tuple[bytes, str]]:
    """Content and media type of each file, by name."""
    folder = files(__name__.rpartition(".")[0]) / "static"
    kept = {}
    for file in folder.iterdir():
        if kind := KINDS.get(file.name[file.name.rfind(".") :]):
            kept[file.name] = (file.read_bytes(), kind)
    return kept
