"""Content of each page; a template reads one `page` of these classes and nothing else.

Only GuessPage.choices names methods. Templates build no addresses of drawings: these differ by
session, so that a browser that two experts share never mixes their maps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..storage.database import Entry


@dataclass(frozen=True, kw_only=True)
class Page:
    """Content of every page: study, reader, and the token of each form.

    `expert` and `csrf` are "" without a session; `organiser` is true for the organiser.
    """

    study: str
    expert: str = ""
    csrf: str = ""
    organiser: bool = False


@dataclass(frozen=True, kw_only=True)
class ProgressShown:
    """Progress of an expert: `done` of `total` decisions.

    `left` is the time left, such as "about 2 h 10 min", "" if unknown; `rest` suggests a break.
    """

    done: int
    total: int
    left: str = ""
    rest: bool = False


@dataclass(frozen=True, kw_only=True)
class MessagePage(Page):
    """message.html: one message, with a button to `onward` unless that is "".

    The button stands out if it is `advised` to go on.
    """

    title: str
    text: str
    onward: str = ""
    label: str = "Continue"
    advised: bool = True


@dataclass(frozen=True, kw_only=True)
class ConsentPage(Page):
    """consent.html: consent text and introduction; posts csrf to /consent."""

    task: str
    none: bool
    prediction: bool
    consent: str
    decisions: int
    practice: int
    given: bool = False


@dataclass(frozen=True, kw_only=True)
class VotePage(Page):
    """vote.html: posts csrf, position, rating, second, comment, seconds to /vote/{order}.

    `position` is 1 to `shown`, or 0 for "none is useful" (offered if `none`). Task rate posts a
    `rating` from 1 to 5 for its only map, task pair the position of the better map. `phase` is
    practice or vote. Task judge posts position 1 (the reading is right) or 0 (wrong) and a `rating`
    of `confidences`, in per cent; `within` is the error up to which a reading is right. `title`
    names the target. With `prediction` the question is about the network's output, which `output`
    shows ("" if hidden or unknown).
    `lead` is the one that tiles show first, "" for all. `comment` offers free text of 2000
    characters. `drawings` is the address of the samples and maps, `ahead` that of the next page's
    ("" after the last). `undo_order` is posted as `order` to /undo; 0 hides the button.
    `feedback` is the right answer of the last practice turn, "" if there is none.
    A `decided` page is read-only and shows `chosen`, `rated`, `answered` and `commented`.
    """

    order: int
    phase: str
    view: str
    title: str
    prediction: bool
    output: str
    task: str
    shown: int
    none: bool
    second: str
    second_answers: tuple[str, ...]
    comment: bool
    within: str
    confidences: tuple[int, ...]
    drawings: str
    ahead: str
    geometry: Mapping[str, Any]
    progress: ProgressShown
    lead: str = ""
    feedback: str = ""
    undo_order: int = 0
    decided: bool = False
    chosen: int = 0
    rated: int = 0
    answered: str = ""
    commented: str = ""


@dataclass(frozen=True, kw_only=True)
class FinalPage(Page):
    """final.html: end of the votes; posts csrf to /guess/final, which allows the guesses."""

    undo_order: int = 0


@dataclass(frozen=True)
class GuessPicture:
    """Map whose method is to be guessed; the guess is posted as the field `name`."""

    number: int
    name: str


@dataclass(frozen=True)
class Choice:
    """Entry of a list: `value` is posted, `label` is shown."""

    value: str
    label: str


@dataclass(frozen=True, kw_only=True)
class GuessPage(Page):
    """guess.html: posts csrf and one choice per picture to /guess.

    `choices` are the same for every picture, in alphabetical order, "I do not know" last.
    `drawings` is the address of the samples and maps.
    """

    drawings: str
    geometry: Mapping[str, Any]
    pictures: tuple[GuessPicture, ...]
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class DonePage(Page):
    """done.html: the end; posts csrf and `sure` = "yes" to /withdraw, csrf to /leave.

    `saved` says which answers are stored; `debrief` are sentences on them once none can be
    changed, which name no method: whoever `may_end` posts csrf to /guess/final to see them. In a
    `locked` study some answers may be missing.
    """

    locked: bool
    saved: str
    debrief: tuple[str, ...]
    may_end: bool = False
    undo_order: int = 0


@dataclass(frozen=True, kw_only=True)
class HelpPage(Page):
    """help.html: question, colours, keys, and the withdrawal form of DonePage."""

    task: str
    none: bool
    comment: bool
    second: str
    prediction: bool
    consent: str


@dataclass(frozen=True)
class ExpertRow:
    """Expert on the organiser's page; `state` is such as "voting", "done" or "withdrawn".

    An expert who is `out` gets no new link; `link` is true for one whose link can be revoked.
    """

    expert: str
    progress: ProgressShown
    state: str
    out: bool
    link: bool


@dataclass(frozen=True, kw_only=True)
class OrganiserPage(Page):
    """organiser.html: posts csrf to /organiser/lock and /unlock; and `expert` to /invite, /revoke.

    Revoking and a new link for an expert of the study need `sure` = "yes". `agreement` has the
    fields of KappaSoFar, κ as text ("–" if there is none yet); it names no method. Times are text.
    `link` is the login link just made for `link_of`, shown once, "" otherwise. The files
    /organiser/votes.csv and /organiser/guesses.csv exist while the study is `locked`.
    """

    experts: tuple[ExpertRow, ...]
    task: str
    agreement: tuple[Mapping[str, Any], ...]
    log: tuple[Entry, ...]
    locked: bool
    link: str = ""
    link_of: str = ""
