"""Numbers and times as text."""

import math

from ecglens.report.text import percent

from ..agreement import Debrief
from ..settings import Item, Settings, Turn
from ..storage.people import Progress
from ..storage.voting import Vote
from .page_data import ProgressShown

# A break is suggested after this many decisions, or this much time, without one.
REST_AFTER, REST_AFTER_S = 200, 45 * 60.0
MINUTE, HOUR = 60, 3600


def time_left(seconds: float) -> str:
    """Time such as "about 2 h 10 min"; "" for NaN."""
    if math.isnan(seconds):
        return ""
    if seconds < MINUTE:
        return "less than a minute"
    if seconds < HOUR - MINUTE / 2:
        return f"about {round(seconds / MINUTE)} min"
    # Estimates above an hour are rounded to five minutes.
    hours, minutes = divmod(5 * round(seconds / (5 * MINUTE)), 60)
    return f"about {hours} h" + (f" {minutes} min" if minutes else "")


def progress_shown(progress: Progress) -> ProgressShown:
    """Progress of an expert as a page shows it."""
    return ProgressShown(
        done=progress.done,
        total=progress.total,
        left=time_left(progress.seconds_left) if progress.done < progress.total else "",
        rest=progress.since_break >= REST_AFTER or progress.at_work >= REST_AFTER_S,
    )


def output_text(item: Item) -> str:
    """Network's output as the page of a turn shows it; "" if it is hidden or unknown.

    A practice item whose right map is known has the true value: no network has read its ECG.
    """
    if not item.prediction:
        return ""
    exact = item.phase == "practice" and item.catch
    return f"{'if the network is right' if exact else 'network'}: {item.prediction}"


def feedback(item: Item, turn: Turn, vote: Vote) -> str:
    """Right answer of a practice turn, beside the one given; names no method."""
    if vote.rating:
        good = item.catch in turn.methods
        drawn = "marks exactly the parts that decide" if good else "is noise and says nothing of"
        expected = "4 or 5" if good else "1 or 2"
        return (
            f"The map {drawn} the {item.title}: a rating of {expected} was expected, you gave "
            f"{vote.rating}."
        )
    right = 1 + turn.methods.index(item.catch)
    chosen = f"map {vote.position}" if vote.position else "none"
    given = "as you chose" if vote.position == right else f"you chose {chosen}"
    return f"Map {right} marks exactly the parts that decide the {item.title}; {given}."


def saved_text(made: int, planned: int, guessed: bool) -> str:
    """Which of the expert's decisions and guesses are saved."""
    guesses = " and your guesses" if guessed else ""
    if not made:
        return "You had made no decision that counts."
    if made < planned:
        return f"{made} of your {planned} decisions {'is' if made == 1 else 'are'} saved."
    if planned == 1:
        return f"Your decision{guesses} {'are' if guessed else 'is'} saved."
    return f"All {planned} decisions{guesses} are saved."


def debrief_text(found: Debrief, locked: bool) -> tuple[str, ...]:
    """Sentences of the last page; those on other experts only from a locked study."""
    said = []
    if found.repeats == 1:
        same = "the same answer both times" if found.same else "two different answers"
        said.append(f"You saw one item twice and gave {same}.")
    elif found.repeats:
        said.append(
            f"You gave the same answer twice to {found.same} of the {found.repeats} items that you "
            "saw twice."
        )
    if not found.compared:
        return tuple(said)
    if not locked:
        said.append(
            "Once the organiser has locked the study, this page shows how often you agreed with "
            "the other experts."
        )
        return tuple(said)
    share = percent(found.equal / found.compared)
    others = "other expert" if found.others == 1 else f"{found.others} other experts"
    said.append(f"Your answers were equal to those of the {others} in {share} of the comparisons.")
    if found.compared_among:
        among = percent(found.equal_among / found.compared_among)
        said.append(f"The other experts agreed with each other in {among}.")
    return tuple(said)


def pause_text(back: str) -> str:
    """What the page says between the two periods of task judge; `back` is a time (UTC)."""
    return (
        "The first part is finished; all answers are saved. You will see the same ECGs again, and "
        f"should not remember them. Please come back after {time_text(back)[:16]} UTC with the "
        "same link. You can go on now, but the report will say that the pause was not kept."
    )


def within_text(item: Item, settings: Settings) -> str:
    """Error up to which a reading is right, such as "within 20 ms"; "" without one."""
    unit = item.prediction.partition(" ")[2]
    return f"within {settings.limit:g} {unit}".rstrip() if settings.limit else ""


def time_text(at: str) -> str:
    """Time of a log line, such as "2025-01-31 09:15:00" (UTC)."""
    return at.replace("T", " ")[:19]
