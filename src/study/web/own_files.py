"""The pages' own style and scripts, read once: no name that is asked for becomes a path."""

from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.responses import Response

from .headers import KEPT
from .problem import Problem

router = APIRouter()
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@router.api_route("/static/{name}", methods=["GET", "HEAD"])
async def own_file(request: Request, name: str) -> Response:
    """A file of the static folder."""
    if name not in own_files():
        raise Problem.of(404, "no such file")
    content, kind = own_files()[name]
    return Response(content, media_type=kind, headers=KEPT)


@cache
def own_files() -> dict[str, tuple[bytes, str]]:
    """Content and kind of each file by its name."""
    folder = files(__name__.rpartition(".")[0]) / "static"
    kept = {}
    for file in folder.iterdir():
        if kind := KINDS.get(file.name[file.name.rfind(".") :]):
            kept[file.name] = (file.read_bytes(), kind)
    return kept
