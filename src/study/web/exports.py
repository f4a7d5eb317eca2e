"""The votes and guesses as files: they name the methods, so that a study is locked before."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from ..blinding import guesses_text
from ..votes import votes_text
from .problem import Problem
from .site import Site, site_of

router = APIRouter()


# GET alone: each is a line in the log.
@router.get("/organiser/votes.csv")
def votes(request: Request) -> Response:
    """The counted ballots, as study.read_votes reads them."""
    site = _locked(request)
    return _file(site, "votes.csv", votes_text(site.box.ballots()))


@router.get("/organiser/guesses.csv")
def guesses(request: Request) -> Response:
    """Which method each expert took each map for, as study.blinding reads them."""
    site = _locked(request)
    return _file(site, "guesses.csv", guesses_text(site.box.guesses()))


def _locked(request: Request) -> Site:
    site = site_of(request)
    site.organiser(request)
    if not site.box.locked:
        raise Problem(
            409,
            "The study is not locked",
            "The files name the methods. Lock the study first; then no vote is taken any more.",
            "export before the lock",
            onward="/organiser",
        )
    return site


def _file(site: Site, name: str, content: str) -> Response:
    site.box.note("organiser", "exported", name)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)
