"""Routes of the organiser's page, and downloads of votes and guesses."""

from dataclasses import replace

from ecglens.report.text import fixed
from ecglens.store import csv_text
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from ..agreement import kappa_so_far
from ..csv_files import guesses_text, votes_text
from ..storage.people import Session
from .form import Fields
from .page_data import ExpertRow, OrganiserPage
from .security import Problem, check_csrf
from .site import Site, site_of
from .wording import progress_shown, time_text

router = APIRouter()
READ = ["GET", "HEAD"]
HERE = "/organiser"
PAGE = "the organiser, web page"
LATEST = 100  # lines of the log on the page


@router.api_route("/organiser", methods=READ)
def overview(request: Request) -> Response:
    """Page of the organiser, with a link that was just made."""
    site = site_of(request)
    who = site.organiser(request)
    read = request.method == "GET"
    link_of, link = site.new_links.pop(who.csrf, ("", "")) if read else ("", "")
    return site.page("organiser.html", _page(site, who, link, link_of))


@router.post("/organiser/lock")
def lock(request: Request, sent: Fields) -> Response:
    """Redirect to the page, after locking the study."""
    site = _confirmed(request, sent)
    site.storage.lock()
    return RedirectResponse(HERE, 303)


@router.post("/organiser/unlock")
def unlock(request: Request, sent: Fields) -> Response:
    """Redirect to the page, after unlocking the study."""
    site = _confirmed(request, sent)
    site.storage.unlock()
    return RedirectResponse(HERE, 303)


@router.post("/organiser/invite")
def invite(request: Request, sent: Fields) -> Response:
    """Redirect to the page, which shows the new link once: only its digest is stored.

    Without the redirect, a reload of the page would make another link and revoke the one sent.
    """
    site = _confirmed(request, sent)
    expert = sent.get("expert", "").strip()
    if sent.get("sure") != "yes" and _is_expert(site, expert):
        text = "Use “New link” beside the name. The old link stops working then."
        title = "This expert is invited already"
        raise Problem(422, title, text, "new link not confirmed", onward=HERE)
    try:
        token = site.storage.invite(expert, PAGE)
    except ValueError:
        text = (
            "Enter 1 to 60 characters, and not “organiser”, “all” or “mean”. An expert who "
            "withdrew cannot be invited again."
        )
        title = "This name cannot be invited"
        # The log keeps no name that was refused: erasing an expert would not find it.
        raise Problem(422, title, text, "name refused", onward=HERE) from None
    link = f"{'https' if site.secure else 'http'}://{request.headers['host']}/enter/{token}"
    site.new_links[site.organiser(request).csrf] = expert, link
    return RedirectResponse(HERE, 303)


@router.post("/organiser/revoke")
def revoke(request: Request, sent: Fields) -> Response:
    """Redirect to the page, after revoking the expert's link."""
    site = _confirmed(request, sent)
    expert = sent.get("expert", "").strip()
    if not _is_expert(site, expert):
        raise Problem.of(422, "no such expert to revoke")
    if sent.get("sure") != "yes":
        raise Problem.of(422, "revocation not confirmed")
    site.storage.revoke(expert, PAGE)
    return RedirectResponse(HERE, 303)


def _confirmed(request: Request, sent: Fields) -> Site:
    """Site, after checking that the form is the organiser's."""
    site = site_of(request)
    check_csrf(site.organiser(request).csrf, sent)
    return site


def _is_expert(site: Site, name: str) -> bool:
    """True if an expert of the study has this name."""
    return name in {each.expert for each in site.storage.overview()}


def _page(site: Site, who: Session, link: str = "", link_of: str = "") -> OrganiserPage:
    storage = site.storage
    return OrganiserPage(
        study=storage.settings.name,
        expert=who.expert,
        csrf=who.csrf,
        organiser=True,
        experts=tuple(
            ExpertRow(
                expert=each.expert,
                progress=progress_shown(each),
                state=_state(each.state, each.link),
                out=each.state == "withdrawn",
                link=each.link,
            )
            for each in storage.overview()
        ),
        task=storage.settings.task,
        agreement=tuple(
            {**vars(each), "between": fixed(each.between, 2), "within": fixed(each.within, 2)}
            for each in kappa_so_far(storage.ballots())
        ),
        log=tuple(replace(each, at=time_text(each.at)) for each in reversed(storage.log(LATEST))),
        locked=storage.locked,
        link=link,
        link_of=link_of,
    )


def _state(state: str, link: bool) -> str:
    """State of an expert, and whether a link is missing."""
    return state if link or state in ("withdrawn", "done") else f"{state}, no valid link"


# GET only: each download is a line in the log.
@router.get("/organiser/votes.csv")
def votes(request: Request) -> Response:
    """Counted votes as votes.csv."""
    site = _locked(request)
    return _file(site, "votes.csv", votes_text(site.storage.ballots()))


@router.get("/organiser/judgements.csv")
def judgements(request: Request) -> Response:
    """Counted judgements as judgements.csv."""
    site = _locked(request)
    return _file(site, "judgements.csv", csv_text(site.storage.judgements()))


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
