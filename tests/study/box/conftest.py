"""Small studies of which everything is known."""

from collections.abc import Callable
from itertools import combinations

import pytest
from ecglens.study.box import BallotBox, Vote
from ecglens.study.design import Item, Settings

METHODS = ("saliency", "smoothgrad", "deeplift")
CHOSEN = {
    "name": "s",
    "consent": "Do you?",
    "second": "Which wave?",
    "second_answers": ("P wave", "none of them"),
}
Make = Callable[..., BallotBox]


def items_of(settings: Settings, ecgs: int) -> list[Item]:
    """One item of practice, then for each target and view the ECGs and a catch item."""
    shown = {
        "pick": [METHODS],
        "rate": [(method,) for method in METHODS],
        "pair": [*combinations(METHODS, 2)],
    }[settings.protocol]
    made = [Item(0, "pr", "full", "ecg0", shown[0], "PR interval", part="practice")]
    for target in ("pr", "qt"):
        for view in settings.views:
            for ecg in range(1, ecgs + 1):
                for methods in shown:
                    made.append(Item(len(made), target, view, f"ecg{ecg}", methods, "an interval"))
            if settings.protocol != "rate":
                known = ("planted", "random", "abs_x")[: len(shown[0])]
                made.append(Item(len(made), target, view, "ecg1", known, "it", catch="planted"))
    return made


@pytest.fixture
def make(tmp_path) -> Make:
    """A new box with these settings."""

    def made(folder: str = "study", ecgs: int = 2, **settings) -> BallotBox:
        chosen = Settings(**(CHOSEN | settings))
        return BallotBox.create(tmp_path / folder, chosen, items_of(chosen, ecgs), METHODS)

    return made


@pytest.fixture
def box(make) -> BallotBox:
    """A study that picks, in which ann and bob agreed to take part."""
    return joined(make(), "ann", "bob")


def joined(box: BallotBox, *experts: str) -> BallotBox:
    """The box with these experts, who agreed."""
    for expert in experts:
        box.invite(expert)
        box.consent(expert)
    return box


def vote_on(
    box: BallotBox,
    expert: str,
    last: int = 10_000,
    choose: Callable[[int], Vote] = lambda _: Vote(1),
) -> None:
    """The expert's votes up to the turn `last`."""
    while (order := box.next_turn(expert) or last + 1) <= last:
        box.shown(expert, order)
        box.vote(expert, order, choose(order))


def draw_all(box: BallotBox) -> None:
    """Keep a sheet and the maps of every item."""
    for item in box.items:
        box.keep_sheet(item.ecg, item.view, b"sheet", {"width_mm": 210.5})
        for method in item.methods:
            png = f"{item.target} {item.ecg} {item.view} {method}".encode()
            box.keep_map(item.target, item.ecg, item.view, method, png)


def kept(box: BallotBox, expert: str, order: int) -> Vote:
    """The answer that counts of a turn that was decided."""
    vote = box.ballot(expert, order)
    assert vote is not None
    return vote
