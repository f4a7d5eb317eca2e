"""Why something was refused, in words that an expert understands and that give nothing away."""

from collections.abc import Mapping

WORDS = {
    400: ("This could not be read", "Something was sent that is not of these pages."),
    401: (
        "You need your link",
        "This browser is not logged in. Open the link that the organiser sent you; if it no longer "
        "works, ask for a new one.",
    ),
    403: ("This is not yours", "What you asked for belongs to somebody else or is not open now."),
    404: ("There is no such page", "Go back to the start; it knows where you were."),
    405: ("This cannot be done here", "Go back to the start; it knows where you were."),
    408: ("This took too long", "What you sent did not arrive. Try again."),
    409: ("This is decided already", "The first answer is kept. Go on where you were."),
    413: ("This is too much", "More was sent than a page of this study can hold."),
    415: ("This could not be read", "Something was sent that is not of these pages."),
    421: ("This is another address", "Open the study at the address of your link."),
    422: ("Something is missing or wrong", "Nothing was kept. Go back and answer again."),
    429: ("Too fast", "Wait a minute and try again. Nothing is lost."),
    500: ("Something went wrong here", "Every vote before this is kept. Go on where you were."),
}


class Problem(Exception):  # noqa: N818 - a page, not a fault
    """A request that is refused.

    `status`, `title` and `words` make the page, `detail` only goes to the log. `onward` is where
    the page leads, "" for nowhere.
    """

    def __init__(
        self, status: int, title: str, words: str, detail: str = "", onward: str = "/"
    ) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.status = status
        self.title = title
        self.words = words
        self.detail = detail
        self.onward = onward
        self.headers: Mapping[str, str] = {}

    @classmethod
    def of(cls, status: int, detail: str = "") -> "Problem":
        """With the words that are usual for this status."""
        known = status if status in WORDS else 400 if status < 500 else 500
        onward = "" if known in (401, 421, 429) else "/"
        return cls(known, *WORDS[known], detail=detail, onward=onward)

    def with_headers(self, headers: Mapping[str, str]) -> "Problem":
        """The same with these headers on its answer."""
        self.headers = headers
        return self
