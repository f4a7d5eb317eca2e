"""Security headers of every response."""

from collections.abc import Iterable

Raw = list[tuple[bytes, bytes]]

POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Not no-referrer: browsers would then send "Origin: null" with the study's own forms, as with those
# of other sites. Other sites receive no referrer in either case.
REFERRER = "same-origin"
ALWAYS = {
    "content-security-policy": POLICY,
    "referrer-policy": REFERRER,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
NO_CACHE = {"cache-control": "no-store"}
# Drawings and styles never change at their address; Vary keeps two experts on one browser apart.
CACHED = {"cache-control": "private, max-age=3600", "vary": "Cookie"}
OVER_TLS = {"strict-transport-security": "max-age=31536000"}


def with_security(headers: Iterable[tuple[bytes, bytes]], secure: bool) -> Raw:
    """Headers with those of every response added; no caching unless they allow it."""
    own = [(name.lower(), value) for name, value in headers]
    names = {name for name, _ in own}
    wanted = NO_CACHE | ALWAYS | (OVER_TLS if secure else {})
    raw = {name.encode(): value.encode() for name, value in wanted.items()}
    return own + [(name, value) for name, value in raw.items() if name not in names]
