"""State that all routes share: storage, templates, limits, and the session of a request."""

from dataclasses import dataclass, field

from fastapi import Request
from jinja2 import Environment
from starlette.responses import HTMLResponse, Response

from ..storage.database import Refused
from ..storage.people import Session
from ..storage.study_storage import StudyStorage
from .page_data import MessagePage, Page
from .security import Buckets, Problem, Rates

# Text for an invalid link or session, by the storage's reason.
INVALID_LINK = {
    "expired": "Your link has expired. Ask the organiser for a new one; your votes are saved.",
    "revoked": "This link no longer works. Ask the organiser for a new one.",
}
UNKNOWN_LINK = "This link is unknown. Check that you copied all of it, or ask the organiser."


@dataclass(frozen=True, eq=False)
class Counters:
    """Request counters, kept in memory; a restart resets them."""

    entry: Buckets
    session: Buckets
    stranger: Buckets
    note: Buckets

    @classmethod
    def of(cls, rates: Rates) -> "Counters":
        """Counters with these rates."""
        return cls(*(Buckets(getattr(rates, name)) for name in cls.__dataclass_fields__))


@dataclass(frozen=True, eq=False)
class Site:
    """Study as it is served: `hosts` are its names, `secure` means behind TLS.

    Templates read only `page`. `new_links` holds, by the csrf of an organiser's session, the expert
    and the login link that its next page shows.
    """

    storage: StudyStorage
    hosts: tuple[str, ...]
    secure: bool
    counters: Counters
    templates: Environment = field(repr=False)
    new_links: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)

    @property
    def cookie(self) -> str:
        """Name of the session cookie; browsers accept __Host- only over TLS and from this host."""
        return "__Host-session" if self.secure else "session"

    def page(self, template: str, page: Page, status: int = 200) -> HTMLResponse:
        """Response with a rendered page."""
        return HTMLResponse(self.templates.get_template(template).render(page=page), status)

    def message(self, title: str, text: str, onward: str = "", status: int = 200) -> Response:
        """Page with one message, without a session."""
        study = self.storage.settings.name
        page = MessagePage(study=study, title=title, text=text, onward=onward)
        return self.page("message.html", page, status)

    def farewell(self, title: str, text: str) -> Response:
        """Page with one message that also deletes the session cookie."""
        answer = self.message(title, text)
        answer.delete_cookie(self.cookie, secure=self.secure, httponly=True, samesite="lax")
        return answer

    def session(self, request: Request) -> Session:
        """Session of the request; Problem if it is missing or invalid, or for too many requests."""
        cookie = request.cookies.get(self.cookie, "")
        if not cookie:
            raise Problem.of(401, "no session")
        try:
            session = self.storage.session(cookie)
        except Refused as refused:
            usual = Problem.of(401, f"session {refused.reason}")
            usual.text = INVALID_LINK.get(refused.reason, usual.text)
            raise usual from None
        request.state.who = session.expert
        if not self.counters.session.take(session.expert):
            raise Problem.of(429, "session").with_headers({"retry-after": "1"})
        return session

    def expert(self, request: Request) -> Session:
        """Session of an expert; Problem for the organiser, who cannot vote."""
        session = self.session(request)
        if session.organiser:
            raise Problem.of(403, "a page for experts")
        return session

    def consenting(self, request: Request) -> Session:
        """Session of an expert who has given consent; Problem before that."""
        session = self.expert(request)
        if not self.storage.consented(session.expert):
            raise Problem.of(403, "no consent yet")
        return session

    def organiser(self, request: Request) -> Session:
        """Session of the organiser; Problem for an expert."""
        session = self.session(request)
        if not session.organiser:
            raise Problem.of(403, "a page for the organiser")
        return session


def site_of(request: Request) -> Site:
    """Site of the application that handles the request."""
    return request.app.state.site


def address_of(request: Request) -> str:
    """Client address as in the log and the limits."""
    return f"address {request.client.host if request.client else 'unknown'}"
