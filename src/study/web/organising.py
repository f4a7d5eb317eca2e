"""The organiser's page: who is how far, how well they agree, links, lock. It names no method."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from ..box import Session
from .fields import Fields
from .problem import Problem
from .security import check_csrf
from .site import Site, site_of
from .view import AuditRow, ExpertRow, KappaRow, OrganiserPage
from .words import kappa, moment, way_of

router = APIRouter()
READ = ["GET", "HEAD"]
HERE = "/organiser"
LATEST = 100  # lines of the log on the page


@router.api_route("/organiser", methods=READ)
def overview(request: Request) -> Response:
    """The page."""
    site = site_of(request)
    return site.page("organiser.html", _page(site, site.organiser(request)))


@router.post("/organiser/lock")
def lock(request: Request, sent: Fields) -> Response:
    """No vote is taken from now on."""
    site = _confirmed(request, sent)
    site.box.lock()
    return RedirectResponse(HERE, 303)


@router.post("/organiser/unlock")
def unlock(request: Request, sent: Fields) -> Response:
    """Votes are taken again."""
    site = _confirmed(request, sent)
    site.box.unlock()
    return RedirectResponse(HERE, 303)


@router.post("/organiser/invite")
def invite(request: Request, sent: Fields) -> Response:
    """The page with a new link, this once: only its digest is kept."""
    site = _confirmed(request, sent)
    expert = sent.get("expert", "").strip()
    try:
        token = site.box.invite(expert)
    except ValueError as error:
        words = "Give a name of 1 to 60 characters, not that of somebody who withdrew."
        title = "This name cannot be invited"
        raise Problem(422, title, words, str(error), onward=HERE) from None
    link = f"{'https' if site.secure else 'http'}://{request.headers['host']}/enter/{token}"
    return site.page("organiser.html", _page(site, site.organiser(request), link, expert))


@router.post("/organiser/revoke")
def revoke(request: Request, sent: Fields) -> Response:
    """The expert's link and sessions die."""
    site = _confirmed(request, sent)
    expert = sent.get("expert", "").strip()
    if expert not in {each.expert for each in site.box.overview()}:
        raise Problem.of(422, "revoke of nobody")
    site.box.revoke(expert)
    return RedirectResponse(HERE, 303)


def _confirmed(request: Request, sent: Fields) -> Site:
    """The site, when the organiser's own form came."""
    site = site_of(request)
    check_csrf(site.organiser(request).csrf, sent)
    return site


def _page(site: Site, who: Session, link: str = "", link_of: str = "") -> OrganiserPage:
    box = site.box
    return OrganiserPage(
        study=box.settings.name,
        expert=who.expert,
        csrf=who.csrf,
        organiser=True,
        experts=tuple(
            ExpertRow(each.expert, way_of(each), _state(each.state, each.link))
            for each in box.overview()
        ),
        agreement=tuple(
            KappaRow(
                target=each.target,
                view=each.view,
                between=kappa(each.between),
                within=kappa(each.within),
                experts=each.experts,
                items=each.items,
                repeats=each.repeats,
            )
            for each in box.agreement()
        ),
        audit=tuple(
            AuditRow(moment(each.at), each.who, each.action, each.detail)
            for each in reversed(box.audit(LATEST))
        ),
        locked=box.locked,
        link=link,
        link_of=link_of,
    )


def _state(state: str, link: bool) -> str:
    """The state, and where the link no longer works that too."""
    return state if link or state in ("withdrawn", "done") else f"{state}, no link that works"
