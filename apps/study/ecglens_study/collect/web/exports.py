"""Downloads of votes and guesses, which name the methods: only from a locked study."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from ...ballots import guesses_text, votes_text
from .problem import Problem
from .site import Site, site_of

router = APIRouter()


# GET only: each download is a line in the log.
@router.get("/organiser/votes.csv")
def votes(request: Request) -> Response:
    """Counted votes as votes.csv."""
    site = _locked(request)
    return _file(site, "votes.csv", votes_text(site.storage.ballots()))


@router.get("/organiser/guesses.csv")
def guesses(request: Request) -> Response:
    """Guesses as guesses.csv."""
    site = _locked(request)
    return _file(site, "guesses.csv", guesses_text(site.storage.guesses()))


def _locked(request: Request) -> Site:
    site = site_of(request)
    site.organiser(request)
    if not site.storage.locked:
        raise Problem(
            409,
            "The study is not locked",
            "These files name the methods. Lock the study first; nobody can vote after that.",
            "export before the lock",
            onward="/organiser",
        )
    return site


def _file(site: Site, name: str, content: str) -> Response:
    site.storage.note("organiser", "exported", f"{name}, web page")
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)
