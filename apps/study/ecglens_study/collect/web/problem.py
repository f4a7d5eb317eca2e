"""Refused requests, explained in words that reveal nothing about the study."""

from collections.abc import Mapping

# Title and text of the page for each status.
MESSAGES = {
    400: ("Request not understood", "This request did not come from a page of this study."),
    401: (
        "Please use your link",
        "You are not logged in on this browser. Open the link that the organiser sent you. If it "
        "no longer works, ask for a new one.",
    ),
    403: ("Not allowed", "This page is for somebody else, or is not open now."),
    404: ("Page not found", "Go to the start page to continue where you stopped."),
    405: ("Not possible here", "Go to the start page to continue where you stopped."),
    408: ("Connection too slow", "Your answer did not arrive. Please try again."),
    409: ("Already answered", "Your first answer is saved. Continue where you stopped."),
    413: ("Too much data", "The request is larger than any page of this study sends."),
    415: ("Request not understood", "This request did not come from a page of this study."),
    421: ("Wrong address", "Open the study at the address in your link."),
    422: ("Answer missing or invalid", "Nothing was saved. Go back and answer again."),
    429: ("Too many requests", "Wait a minute and try again. Your earlier votes are saved."),
    500: ("Something went wrong", "All earlier votes are saved. Continue where you stopped."),
}


class Problem(Exception):  # noqa: N818 - a page, not a fault
    """Request that is refused.

    `status`, `title` and `text` make the page; `detail` goes only to the log. `onward` is the
    address of the button on the page, "" for no button.
    """

    def __init__(
        self, status: int, title: str, text: str, detail: str = "", onward: str = "/"
    ) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.status = status
        self.title = title
        self.text = text
        self.detail = detail
        self.onward = onward
        self.headers: Mapping[str, str] = {}

    @classmethod
    def of(cls, status: int, detail: str = "") -> "Problem":
        """Problem with the standard message of this status."""
        known = status if status in MESSAGES else 400 if status < 500 else 500
        onward = "" if known in (401, 421, 429) else "/"
        return cls(known, *MESSAGES[known], detail=detail, onward=onward)

    def with_headers(self, headers: Mapping[str, str]) -> "Problem":
        """This problem with additional response headers."""
        self.headers = headers
        return self
