"""Why the box does not do what it was asked."""

from typing import Literal

Reason = Literal["unknown", "expired", "revoked", "locked", "consent"]


class Refused(Exception):  # noqa: N818 - a reason, not a fault
    """Not now or not you: `reason` is one of Reason; consent where it was not given yet."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Decided(Exception):  # noqa: N818 - a reason, not a fault
    """There is another answer already; undo takes it back."""
