"""Who may ask at all: the address that was asked for, where a form stood, and whose it is."""

import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from .problem import Problem

SAFE = ("GET", "HEAD")
NO_HOST = {*"/?#@\\"}  # what stands before or after the host in an address, never in it


def check_door(method: str, headers: Headers, hosts: tuple[str, ...], secure: bool) -> None:
    """Raises Problem for a Host that is not of `hosts`, and for a form of another site.

    Another name that leads to this address (DNS rebinding) would make a browser send it a foreign
    page's wishes. A browser names the site of a form by Origin and by Sec-Fetch-Site.
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
    """Host without its port; "" for what is none."""
    try:
        known = host.isascii() and not NO_HOST & {*host}
        return urlsplit(f"//{host}").hostname or "" if known else ""
    except ValueError:
        return ""


def check_csrf(expected: str, sent: Mapping[str, str]) -> None:
    """Raises Problem unless the form holds the token of the session that sends it."""
    given = sent.get("csrf", "")
    # Bytes: of text that is not ASCII compare_digest would raise.
    if not expected or not secrets.compare_digest(given.encode(), expected.encode()):
        raise Problem.of(403, "the form's token is " + ("wrong" if given else "missing"))
