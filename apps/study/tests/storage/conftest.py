"""Small studies with known content."""

from collections.abc import Callable
from itertools import combinations

import pytest
from ecglens_study.settings import Item, Settings
from ecglens_study.storage.study_storage import StudyStorage
from ecglens_study.storage.voting import Vote

METHODS = ("saliency", "smoothgrad", "deeplift")
CHOSEN = {
    "name": "s",
    "consent": "Do you?",
    "second": "Which wave?",
    "second_answers": ("P wave", "none of them"),
}
Make = Callable[..., StudyStorage]


def items_of(settings: Settings, ecgs: int) -> list[Item]:
    """One practice item, then the ECGs and a catch item for each target and view."""
    shown = {
        "pick": [METHODS],
        "rate": [(method,) for method in METHODS],
        "pair": [*combinations(METHODS, 2)],
    }[settings.task]
    made = [Item(0, "pr", "full", "ecg0", shown[0], "PR interval", phase="practice")]
    for target in ("pr", "qt"):
        for view in settings.views:
            for ecg in range(1, ecgs + 1):
                for methods in shown:
                    made.append(Item(len(made), target, view, f"ecg{ecg}", methods, "an interval"))
            if settings.task != "rate":
                known = ("planted", "random", "abs_x")[: len(shown[0])]
                made.append(Item(len(made), target, view, "ecg1", known, "it", catch="planted"))
    return made


@pytest.fixture
def make(tmp_path) -> Make:
    """Function that makes a storage with the given settings."""

    def made(folder: str = "study", ecgs: int = 2, **settings) -> StudyStorage:
        chosen = Settings(**(CHOSEN | settings))
        return StudyStorage.create(tmp_path / folder, chosen, items_of(chosen, ecgs), METHODS)

    return made


@pytest.fixture
def storage(make) -> StudyStorage:
    """Study with task pick, in which ann and bob have consented."""
    return joined(make(), "ann", "bob")


def joined(storage: StudyStorage, *experts: str) -> StudyStorage:
    """Storage with these experts, who have consented."""
    for expert in experts:
        storage.invite(expert)
        storage.consent(expert)
    return storage


def vote_on(
    storage: StudyStorage,
    expert: str,
    last: int = 10_000,
    choose: Callable[[int], Vote] = lambda _: Vote(1),
) -> None:
    """Store the expert's votes up to the turn `last`."""
    while (order := storage.next_turn(expert) or last + 1) <= last:
        storage.shown(expert, order)
        storage.vote(expert, order, choose(order))


def draw_all(storage: StudyStorage) -> None:
    """Store a sheet and the maps of every item."""
    for item in storage.items:
        storage.drawings.keep_sheet(item.ecg, item.view, b"sheet", {"width_mm": 210.5})
        for method in item.methods:
            steps = f"{item.target} {item.ecg} {item.view} {method}".encode()
            storage.drawings.keep_map(item.target, item.ecg, item.view, method, steps)


def kept(storage: StudyStorage, expert: str, order: int) -> Vote:
    """Counted vote on a turn."""
    vote = storage.vote_on(expert, order)
    assert vote is not None
    return vote
