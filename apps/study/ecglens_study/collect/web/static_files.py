"""Styles and scripts of the pages; a requested name is looked up, never used as a path."""

from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.responses import Response

from .headers import CACHED
from .problem import Problem

router = APIRouter()
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


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
