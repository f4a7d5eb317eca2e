"""Reasons why the storage refuses a request."""

from typing import Literal

Reason = Literal["unknown", "expired", "revoked", "locked", "consent"]


class Refused(Exception):  # noqa: N818 - a reason, not a fault
    """Request of a person who may not make it now; reason "consent" means that it is missing."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Decided(Exception):  # noqa: N818 - a reason, not a fault
    """Turn with a different answer already; undo it first."""
