"""What all routes share: the box, the templates, the limits, and who is asking."""

from dataclasses import dataclass, field

from fastapi import Request
from jinja2 import Environment
from starlette.responses import HTMLResponse, Response

from ..box import BallotBox, Refused, Session
from .limits import Buckets, Rates
from .problem import Problem
from .view import MessagePage, Page

# Words for a link or session that is not taken any more, by the box's reason.
NOT_TAKEN = {
    "expired": "Your link has expired. Ask the organiser for a new one; your votes are kept.",
    "revoked": "This link does not work any more. Ask the organiser for a new one.",
}
UNKNOWN = "This link is not known here. Check that it was copied whole, or ask the organiser."


@dataclass(frozen=True, eq=False)
class Counters:
    """Who asked how often; in memory, so that a restart begins anew."""

    entry: Buckets
    session: Buckets
    stranger: Buckets
    note: Buckets

    @classmethod
    def of(cls, rates: Rates) -> "Counters":
        """Full buckets of these rates."""
        return cls(*(Buckets(getattr(rates, name)) for name in cls.__dataclass_fields__))


@dataclass(frozen=True, eq=False)
class Site:
    """A study as it is served: `hosts` are the names it answers to, `secure` says that TLS is on.

    Templates read `page` alone.
    """

    box: BallotBox
    hosts: tuple[str, ...]
    secure: bool
    counters: Counters
    templates: Environment = field(repr=False)

    @property
    def cookie(self) -> str:
        """The session's name; with __Host- a browser takes it over TLS from this very host only."""
        return "__Host-session" if self.secure else "session"

    def page(self, template: str, page: Page, status: int = 200) -> HTMLResponse:
        """A page as it is sent."""
        return HTMLResponse(self.templates.get_template(template).render(page=page), status)

    def message(self, title: str, words: str, onward: str = "", status: int = 200) -> Response:
        """A page that says one thing, of nobody's session."""
        study = self.box.settings.name
        said = MessagePage(study=study, title=title, words=words, onward=onward)
        return self.page("message.html", said, status)

    def left(self, title: str, words: str) -> Response:
        """A page that says one thing to somebody whose session is over."""
        answer = self.message(title, words)
        answer.delete_cookie(self.cookie, secure=self.secure, httponly=True, samesite="lax")
        return answer

    def session(self, request: Request) -> Session:
        """Whose cookie came; Problem where there is none, it is not taken, or asks too often."""
        cookie = request.cookies.get(self.cookie, "")
        if not cookie:
            raise Problem.of(401, "no session")
        try:
            session = self.box.session(cookie)
        except Refused as refused:
            usual = Problem.of(401, f"session {refused.reason}")
            usual.words = NOT_TAKEN.get(refused.reason, usual.words)
            raise usual from None
        request.state.who = session.expert
        if not self.counters.session.take(session.expert):
            raise Problem.of(429, "session").with_headers({"retry-after": "1"})
        return session

    def expert(self, request: Request) -> Session:
        """The session of an expert; Problem for the organiser's, who has no vote."""
        session = self.session(request)
        if session.organiser:
            raise Problem.of(403, "a page of experts")
        return session

    def consenting(self, request: Request) -> Session:
        """The session of an expert who agreed to take part; Problem before."""
        session = self.expert(request)
        if not self.box.consented(session.expert):
            raise Problem.of(403, "no consent yet")
        return session

    def organiser(self, request: Request) -> Session:
        """The session of the organiser; Problem for an expert's."""
        session = self.session(request)
        if not session.organiser:
            raise Problem.of(403, "a page of the organiser")
        return session


def site_of(request: Request) -> Site:
    """That of the application which answers."""
    return request.app.state.site


def address_of(request: Request) -> str:
    """The address that asks, as the log and the limits know it."""
    return f"address {request.client.host if request.client else 'unknown'}"
