"""Checks against foreign hosts, foreign forms and forged requests."""

import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from .problem import Problem

SAFE = ("GET", "HEAD")
NO_HOST = {*"/?#@\\"}  # separators around the host in an address; never part of it


def check_origin(method: str, headers: Headers, hosts: tuple[str, ...], secure: bool) -> None:
    """Raise Problem for a Host outside `hosts`, and for a form from another site.

    With DNS rebinding, a foreign page could send requests to this address under its own name.
    Browsers name the site of a form in Origin and Sec-Fetch-Site.
    """
    host = headers.get("host", "").lower()
    if host_name(host) not in hosts:
        raise Problem.of(421, f"Host {host!r}")
    if method in SAFE:
        return
    own = f"{'https' if secure else 'http'}://{host}"
    if (origin := headers.get("origin", own).lower()) != own:
        raise Problem.of(403, f"Origin {origin!r}")
    if (site := headers.get("sec-fetch-site", "same-origin")) not in ("same-origin", "none"):
        raise Problem.of(403, f"Sec-Fetch-Site {site!r}")


def host_name(host: str) -> str:
    """Host without port; "" if it is invalid."""
    try:
        known = host.isascii() and not NO_HOST & {*host}
        return urlsplit(f"//{host}").hostname or "" if known else ""
    except ValueError:
        return ""


def check_csrf(expected: str, sent: Mapping[str, str]) -> None:
    """Raise Problem unless the form has the token of its session."""
    given = sent.get("csrf", "")
    # Bytes: compare_digest raises for text that is not ASCII.
    if not expected or not secrets.compare_digest(given.encode(), expected.encode()):
        raise Problem.of(403, "the form's token is " + ("wrong" if given else "missing"))
