"""What every answer says to the browser, whatever it holds."""

from collections.abc import Iterable

Raw = list[tuple[bytes, bytes]]

POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Not no-referrer: with that a browser sends "Origin: null" with the study's own forms, and another
# site's could not be told from them. To any other site nothing is said either way.
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
NOT_KEPT = {"cache-control": "no-store"}
# Pictures and styles never change at their address; a browser that two experts share asks again.
KEPT = {"cache-control": "private, max-age=3600", "vary": "Cookie"}
OVER_TLS = {"strict-transport-security": "max-age=31536000"}


def with_security(headers: Iterable[tuple[bytes, bytes]], secure: bool) -> Raw:
    """The headers with those of every answer; not to be kept unless they say how long."""
    own = [(name.lower(), value) for name, value in headers]
    names = {name for name, _ in own}
    wanted = NOT_KEPT | ALWAYS | (OVER_TLS if secure else {})
    raw = {name.encode(): value.encode() for name, value in wanted.items()}
    return own + [(name, value) for name, value in raw.items() if name not in names]
