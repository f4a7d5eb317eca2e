"""What each page says: templates read one `page` of these and nothing else.

Nothing here names a method but GuessPage.choices, and a link is never built in a template: pictures
have addresses of their own per session, so that a browser that two experts share mixes no maps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Page:
    """What all pages have: the study's name, who reads it, and the token of each form.

    `expert` and `csrf` are "" without a session; of the organiser `organiser` is true.
    """

    study: str
    expert: str = ""
    csrf: str = ""
    organiser: bool = False


@dataclass(frozen=True, kw_only=True)
class Way:
    """How far an expert is: `done` of `of` decisions.

    `left` is such as "about 2 h 10 min" ("" before it can be told), `rest` suggests a break.
    """

    done: int
    of: int
    left: str = ""
    rest: bool = False


@dataclass(frozen=True, kw_only=True)
class MessagePage(Page):
    """message.html: one thing to say, with a link on to `onward` where that is not ""."""

    title: str
    words: str
    onward: str = ""


@dataclass(frozen=True, kw_only=True)
class ConsentPage(Page):
    """consent.html: posts csrf to /consent; what is agreed to, and how much is asked."""

    consent: str
    decisions: int
    practice: int
    given: bool = False


@dataclass(frozen=True, kw_only=True)
class VotePage(Page):
    """vote.html: posts csrf, position, rating, second, comment, seconds to /vote/{order}.

    `position` is 1 to `shown`, 0 for "none is useful" (offered where `none`); rate posts a `rating`
    of 1 to 5 for its single map, pair the position of the better one. `part` is practice or vote.
    `words` says what the network reads, `prediction` what it read ("" where it is not shown).
    `comment` offers free text of 2000 characters. `sheet` and `maps` are the addresses of the
    paper and of the heat of position 1, 2, …; `ahead` those that the next page will need.
    `undo_order` is posted as `order` to /undo and takes that decision back, 0 where none can be.
    A `decided` page is read-only, with `chosen`, `rated`, `answered` and `commented` as they were
    given.
    """

    order: int
    part: str
    view: str
    words: str
    prediction: str
    protocol: str
    shown: int
    none: bool
    second: str
    second_answers: tuple[str, ...]
    comment: bool
    sheet: str
    maps: tuple[str, ...]
    ahead: tuple[str, ...]
    geometry: Mapping[str, Any]
    way: Way
    undo_order: int = 0
    decided: bool = False
    chosen: int = 0
    rated: int = 0
    answered: str = ""
    commented: str = ""


@dataclass(frozen=True)
class GuessPicture:
    """One map whose method is to be guessed; its answer is posted as the field `name`."""

    number: int
    name: str
    heat: str


@dataclass(frozen=True)
class Choice:
    """What may be chosen of a list: `value` is posted, `label` is read."""

    value: str
    label: str


@dataclass(frozen=True, kw_only=True)
class GuessPage(Page):
    """guess.html: posts csrf and a choice per picture to /guess.

    `choices` are the same of every picture, in alphabetical order, "I do not know" last.
    """

    sheet: str
    geometry: Mapping[str, Any]
    pictures: tuple[GuessPicture, ...]
    choices: tuple[Choice, ...]
    undo_order: int = 0


@dataclass(frozen=True, kw_only=True)
class DonePage(Page):
    """done.html: thanks; posts csrf and `sure` = "yes" to /withdraw, csrf to /leave."""

    decisions: int
    guessed: bool
    undo_order: int = 0


@dataclass(frozen=True, kw_only=True)
class HelpPage(Page):
    """help.html: the keys, what is asked, how votes are withdrawn (the form of DonePage)."""

    protocol: str
    none: bool
    comment: bool
    second: str
    consent: str


@dataclass(frozen=True)
class ExpertRow:
    """One expert on the organiser's page; `state` is such as "voting", "done" or "withdrawn"."""

    expert: str
    way: Way
    state: str


@dataclass(frozen=True)
class KappaRow:
    """Agreement so far, written out ("–" where there is none yet); names no method.

    `between` experts and `within` each are κ; `items` were judged by two or more, `repeats` twice.
    """

    target: str
    view: str
    between: str
    within: str
    experts: int
    items: int
    repeats: int


@dataclass(frozen=True)
class AuditRow:
    """One line of the log."""

    when: str
    who: str
    action: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class OrganiserPage(Page):
    """organiser.html: csrf to /organiser/lock and /unlock, with `expert` to …/invite and …/revoke.

    `link` is the login link just made for `link_of`, shown this once, "" otherwise. The files
    /organiser/votes.csv and /organiser/guesses.csv are there once the study is `locked`.
    """

    experts: tuple[ExpertRow, ...]
    agreement: tuple[KappaRow, ...]
    audit: tuple[AuditRow, ...]
    locked: bool
    link: str = ""
    link_of: str = ""
