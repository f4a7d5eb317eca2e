"""The ballot box: all that a study in progress knows, in one folder."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ..ballot import Ballot
from ..design import Item, Settings, Turn
from . import audit as log
from . import guessing, people, pictures, voting
from .clock import now
from .counting import ballots_of
from .database import Database
from .live import LiveKappa, live
from .progress import Progress, overview, progress_of
from .schema import ASSETS, FILE, VERSION
from .vote import Vote
from .written import check_numbers, dumps, fields_of, item_from, names, settings_from


@dataclass(frozen=True)
class GuessItem:
    """A map whose method is to be guessed; its number says nothing of it."""

    number: int
    heat: Path


class BallotBox:
    """A study that experts vote in. Any number of threads and processes may open it at once.

    What a method changes is on disk when it returns. `methods` are the study's, without controls.
    """

    settings: Settings
    items: tuple[Item, ...]
    methods: tuple[str, ...]

    @classmethod
    def create(
        cls, folder: Path, settings: Settings, items: Sequence[Item], methods: Sequence[str]
    ) -> "BallotBox":
        """A new study in `folder`, which only its owner may read; ValueError when there is one."""
        check_numbers(items)
        if not methods:
            raise ValueError("expected the methods of the study, got none")
        (folder / ASSETS).mkdir(parents=True, exist_ok=True)
        for each in (folder, folder / ASSETS):
            each.chmod(0o700)
        # SQLite gives the files beside it the mode of this one.
        os.close(os.open(folder / FILE, os.O_CREAT | os.O_RDWR, 0o600))
        db = Database(folder / FILE)
        with db.writing() as writer:
            if db.version:
                raise ValueError(f"expected a new folder, found a study in {folder}")
            db.build()
            writer.execute("INSERT INTO study VALUES (1, ?, ?, ?)",
                           (fields_of(settings), dumps([*methods]), now()))  # fmt: skip
            writer.executemany("INSERT INTO items VALUES (?, ?)",
                               [(item.number, fields_of(item)) for item in items])  # fmt: skip
        return cls(folder)

    def __init__(self, folder: Path) -> None:
        if not (folder / FILE).is_file():
            raise ValueError(
                f"expected a study in {folder}, found no {FILE}; run study create first"
            )
        self._folder, self._db = folder, Database(folder / FILE)
        if self._db.version != VERSION:
            raise ValueError(
                f"expected a study of version {VERSION} in {folder}, got {self._db.version}; "
                "open it with the ECGLens that made it"
            )
        settings, methods = self._db.one("SELECT settings, methods FROM study")
        self.settings, self.methods = settings_from(settings), names(methods)
        kept = self._db.rows("SELECT item FROM items ORDER BY number")
        self.items = tuple(item_from(item) for (item,) in kept)

    def close(self) -> None:
        """Let go of the file in this thread, as at the end and before a fork."""
        self._db.close()

    # Pictures: drawn once. What is there is kept, so that an interrupted create goes on.

    def has_sheet(self, ecg: str, view: str) -> bool:
        """True where the paper of this ECG is kept."""
        return pictures.has_sheet(self._db, ecg, view)

    def has_map(self, target: str, ecg: str, view: str, method: str) -> bool:
        """True where this map is kept."""
        return pictures.has_map(self._db, (target, ecg, view, method))

    def keep_sheet(self, ecg: str, view: str, png: bytes, geometry: Mapping[str, Any]) -> None:
        """Keep the paper of an ECG, and where its leads lie on it."""
        pictures.keep_sheet(self._db, self._folder, (ecg, view), png, geometry)

    def keep_map(self, target: str, ecg: str, view: str, method: str, png: bytes) -> None:
        """Keep the heat of one map."""
        pictures.keep_map(self._db, self._folder, (target, ecg, view, method), png)

    def sheet(self, ecg: str, view: str) -> tuple[Path, dict[str, Any]]:
        """The picture of the paper and its geometry; ValueError where it was not drawn."""
        return pictures.sheet(self._db, self._folder, ecg, view)

    def map(self, item: Item, method: str) -> Path:
        """The picture of the method's map of this item; ValueError where it was not drawn."""
        return pictures.heat(self._db, self._folder, item, method)

    # People. Refused says why somebody may not enter.

    def invite(self, expert: str) -> str:
        """A login token of the expert, who is added when new; an older one dies."""
        return people.invite(self._db, expert, self.settings, self.items)

    def invite_organiser(self) -> str:
        """A login token of the organiser; an older one dies."""
        return people.invite_organiser(self._db, self.settings.days)

    def revoke(self, expert: str) -> None:
        """The expert's link and sessions die at once."""
        people.revoke(self._db, expert)

    def enter(self, token: str) -> str:
        """A session's cookie for a login token; Refused: unknown, expired or revoked."""
        return people.enter(self._db, token)

    def session(self, cookie: str) -> people.Session:
        """Whose cookie this is; Refused: unknown (or left), expired or revoked."""
        return people.session(self._db, cookie)

    def leave(self, cookie: str) -> None:
        """The session ends; the link still logs in."""
        people.leave(self._db, cookie)

    def consent(self, expert: str) -> None:
        """The expert agreed to take part."""
        people.consent(self._db, expert)

    def consented(self, expert: str) -> bool:
        """True once the expert agreed."""
        expert_id = people.expert_id(self._db, expert)
        return bool(self._db.one("SELECT 1 FROM consents WHERE expert = ?", (expert_id,)))

    def withdraw(self, expert: str) -> None:
        """The expert's votes and guesses count no longer, and the link dies; for good."""
        people.withdraw(self._db, expert)

    # An expert's way.

    def turn(self, expert: str, order: int) -> Turn:
        """What is shown at this order; ValueError for one that was not planned."""
        return voting.turn_of(self._db, expert, order)

    def ballot(self, expert: str, order: int) -> Vote | None:
        """The answer that counts, None of an open turn."""
        return voting.counted(self._db, expert, order)

    def next_turn(self, expert: str) -> int | None:
        """The lowest open order, None after the last."""
        return voting.next_turn(self._db, expert)

    def shown(self, expert: str, order: int) -> None:
        """The page of this turn was served; the first time is kept."""
        voting.shown(self._db, expert, order)

    def vote(self, expert: str, order: int, vote: Vote) -> None:
        """Keep an answer to the next turn; the same one again changes nothing.

        Decided where there is another answer, Refused (locked, revoked, consent), ValueError for
        what is no answer to this turn and for another turn than the next.
        """
        voting.cast(self._db, expert, order, vote, self.settings)

    def undo(self, expert: str, order: int = voting.LAST) -> int:
        """Take the last vote back; its order. With an `order` a double press takes one back.

        ValueError where there is none, where `order` is not the last, and after the guesses.
        """
        return voting.undo(self._db, expert, order)

    def guess_sheet(self) -> tuple[Path, dict[str, Any]]:
        """The paper under the maps of guess_items, and its geometry."""
        item = guessing.example(self.items)
        return self.sheet(item.ecg, item.view)

    def guess_items(self, expert: str) -> list[GuessItem]:
        """One map of each method of the first target, all of one ECG, shuffled for this expert."""
        item = guessing.example(self.items)
        order = guessing.order_of(self._db, expert, self.items, self.settings.seed)
        return [GuessItem(number, self.map(item, each)) for number, each in enumerate(order, 1)]

    def guess(self, expert: str, guesses: Mapping[str, str]) -> None:
        """Keep a method's name or "unknown" for each number of guess_items, "1" and on.

        Once, after the last vote: Decided, Refused and ValueError as of vote.
        """
        guessing.guess(self._db, expert, guesses, self.items, self.settings)

    def guessed(self, expert: str) -> bool:
        """True once the expert guessed."""
        expert_id = people.expert_id(self._db, expert)
        return bool(self._db.one("SELECT 1 FROM guesses WHERE expert = ?", (expert_id,)))

    def progress(self, expert: str) -> Progress:
        """How far the expert is."""
        return progress_of(self._db, expert, self.settings, self.items)

    # The organiser.

    def overview(self) -> list[Progress]:
        """How far all experts are, in the order of their invitation."""
        return overview(self._db, self.settings, self.items)

    def agreement(self) -> list[LiveKappa]:
        """κ so far for each target and view; names no method."""
        return live(self.ballots())

    @property
    def locked(self) -> bool:
        """True while nothing can be decided."""
        return voting.locked(self._db)

    def lock(self) -> None:
        """No more votes, undos and guesses; the file is whole without those beside it."""
        self._set_lock(True)
        self._db.gather()

    def unlock(self) -> None:
        """Votes are taken again."""
        self._set_lock(False)

    def ballots(self) -> list[Ballot]:
        """The votes that count: not taken back, not withdrawn, not for practice."""
        return ballots_of(self._db, self.settings, self.items)

    def guesses(self) -> pd.DataFrame:
        """The guesses of experts who did not withdraw, as study.blinding reads them."""
        return guessing.guesses_table(self._db, self.methods)

    def note(self, who: str, action: str, detail: str = "") -> None:
        """Add a line to the log."""
        with self._db.writing() as writer:
            log.note(writer, who, action, detail)

    def audit(self, latest: int = 1000) -> list[log.Entry]:
        """The latest lines of the log, the oldest of them first."""
        return log.entries(self._db, latest)

    def _set_lock(self, locked: bool) -> None:
        with self._db.writing() as writer:
            if voting.locked(self._db) != locked:
                writer.execute("INSERT INTO locks (at, locked) VALUES (?, ?)", (now(), locked))
                log.note(writer, people.ORGANISER, "locked" if locked else "unlocked")
