"""Storage of a study in progress: settings, drawings, people, votes and log in one folder."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ..ballots import Ballot
from ..settings import Item, Settings, Turn
from . import guesses, people, voting
from .database import (
    ASSETS,
    FILE,
    READABLE,
    VERSION,
    Database,
    Entry,
    check_numbers,
    dumps,
    entries,
    fields_of,
    item_from,
    names,
    note,
    now,
    settings_from,
)
from .drawings import Drawings
from .guesses import GuessItem
from .people import Progress, overview, progress_of
from .voting import Vote, ballots_of

PYTHON = "a program"  # who changes a study without saying it


class StudyStorage:
    """Study that experts vote in; any number of threads and processes can open it at once.

    A change is on disk when the method returns. `methods` are those of the study, without
    controls; `drawings` are the sheets and heatmaps.
    """

    settings: Settings
    items: tuple[Item, ...]
    methods: tuple[str, ...]
    drawings: Drawings

    @classmethod
    def create(
        cls, folder: Path, settings: Settings, items: Sequence[Item], methods: Sequence[str]
    ) -> "StudyStorage":
        """New study in `folder`, readable only by its owner; ValueError if there is one."""
        check_numbers(items)
        if not methods:
            raise ValueError("expected the methods of the study, got none")
        (folder / ASSETS).mkdir(parents=True, exist_ok=True)
        for each in (folder, folder / ASSETS):
            each.chmod(0o700)
        # SQLite creates its companion files with the mode of this one.
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
        self._db = Database(folder / FILE)
        self._db.check()
        if self._db.version not in READABLE:
            raise ValueError(
                f"expected a study of version {VERSION} in {folder}, got {self._db.version}; "
                "open it with the ECGLens that made it"
            )
        settings, methods = self._db.one("SELECT settings, methods FROM study")
        self.settings, self.methods = settings_from(settings), names(methods)
        kept = self._db.rows("SELECT item FROM items ORDER BY number")
        self.items = tuple(item_from(item) for (item,) in kept)
        self.drawings = Drawings(self._db, folder)

    def check_drawn(self) -> None:
        """Raise ValueError for a study whose maps an earlier version drew, in another way."""
        if self._db.version != VERSION:
            raise ValueError(
                f"expected a study of version {VERSION}, got {self._db.version}: its maps look "
                "different now, and votes on both cannot be pooled; finish it with the ECGLens "
                "that made it (study export and analyse read it here)"
            )

    def close(self) -> None:
        """Close the file in this thread, at the end and before a fork."""
        self._db.close()

    # People: Refused tells why somebody may not log in; `by` names who did it and how, for the log.

    def invite(self, expert: str, by: str = PYTHON) -> str:
        """New login token of the expert, who is added if new; it revokes the old one."""
        return people.invite(self._db, expert, self.settings, self.items, by)

    def invite_organiser(self, by: str = PYTHON) -> str:
        """New login token of the organiser; it revokes the old one."""
        return people.invite_organiser(self._db, self.settings.days, by)

    @property
    def is_complete(self) -> bool:
        """True once the study was made to its end; before, `study create` goes on with it."""
        return people.is_complete(self._db)

    def check_complete(self) -> None:
        """Raise ValueError for a study whose maps or links are not all made."""
        if not self.is_complete:
            raise ValueError(
                f"expected a finished study, got {self.settings.name}, which is not complete: its "
                "study create was interrupted; run the same command again"
            )

    def revoke(self, expert: str, by: str = PYTHON) -> None:
        """Revoke the expert's link and end all sessions at once."""
        people.revoke(self._db, expert, by)

    def enter(self, token: str) -> str:
        """Session cookie for a login token; Refused: unknown, expired or revoked."""
        return people.enter(self._db, token)

    def holder(self, token: str) -> str:
        """Expert of a login token; Refused as `enter`."""
        return people.holder(self._db, token)

    def session(self, cookie: str) -> people.Session:
        """Session of a cookie; Refused: unknown (or over), or a link expired or revoked."""
        return people.session(self._db, cookie)

    def leave(self, cookie: str) -> None:
        """End the session; the link stays valid."""
        people.leave(self._db, cookie)

    def consent(self, expert: str) -> None:
        """Store the expert's consent."""
        people.consent(self._db, expert)

    def consented(self, expert: str) -> bool:
        """True if the expert has given consent."""
        return people.consented(self._db, expert)

    def withdraw(self, expert: str, by: str = PYTHON) -> None:
        """Exclude the expert's votes and guesses for good, and revoke the link."""
        people.withdraw(self._db, expert, by)

    def erase(self, expert: str, by: str = PYTHON) -> str:
        """Name of the expert after name, votes and guesses were deleted from the file."""
        return people.erase(self._db, expert, by)

    # Voting.

    def turn(self, expert: str, order: int) -> Turn:
        """Turn with this order; ValueError if there is none."""
        return voting.turn_of(self._db, expert, order)

    def vote_on(self, expert: str, order: int) -> Vote | None:
        """Counted vote on this turn, None if it is open."""
        return voting.counted(self._db, expert, order)

    def undone_vote(self, expert: str, order: int) -> Vote | None:
        """Latest vote on this turn if it was undone, None otherwise."""
        return voting.undone(self._db, expert, order)

    def next_turn(self, expert: str) -> int | None:
        """Order of the first open turn, None after the last."""
        return voting.next_turn(self._db, expert)

    def back_on(self, expert: str) -> str:
        """Time (UTC) at which the expert's second period may begin; "" for no pause now."""
        return voting.back_on(self._db, expert, self.settings)

    def shown(self, expert: str, order: int) -> None:
        """Store that the page of this turn was served; the first time counts."""
        voting.shown(self._db, expert, order)

    def vote(self, expert: str, order: int, vote: Vote) -> None:
        """Store a vote on the next turn; the same vote again changes nothing.

        Raises Decided for a second, different answer, Refused (locked, revoked, consent), and
        ValueError for an invalid answer and for a turn that is not the next one.
        """
        voting.cast(self._db, expert, order, vote, self.settings)

    def undo(self, expert: str, order: int = voting.LAST) -> int:
        """Order of the turn whose vote was undone; with an `order`, repeats change nothing.

        Raises ValueError if there is no vote, if `order` is not the last, and unless `undoable`.
        """
        return voting.undo(self._db, expert, order)

    def undoable(self, expert: str) -> int:
        """Order of the last vote if it is neither final nor from before a lock, else 0."""
        return voting.undoable(self._db, expert)

    def finish(self, expert: str) -> None:
        """Store that the expert's votes are final; ValueError before the last vote.

        No vote can be undone after that, because the guesses name the methods.
        """
        voting.finish(self._db, expert)

    def finished(self, expert: str) -> bool:
        """True if the expert's votes are final."""
        return voting.finished(self._db, expert)

    def guess_sheet(self) -> tuple[Path, dict[str, Any]]:
        """Sheet under the maps of `guess_items`, and its geometry."""
        item = guesses.example(self.items)
        return self.drawings.sheet(item.ecg, item.view)

    def guess_items(self, expert: str) -> list[GuessItem]:
        """One map per method, all of one ECG and target, shuffled for this expert."""
        item = guesses.example(self.items)
        order = guesses.order_of(self._db, expert, self.items, self.settings.seed)
        return [
            GuessItem(number, self.drawings.map(item, method))
            for number, method in enumerate(order, 1)
        ]

    def guess(self, expert: str, answers: Mapping[str, str]) -> None:
        """Store a method's name or "unknown" for each number of `guess_items`, "1" and up.

        Possible once, after `finish`; raises Decided, Refused and ValueError as `vote` does.
        """
        guesses.guess(self._db, expert, answers, self.items, self.settings)

    def guessed(self, expert: str) -> bool:
        """True if the expert has made the guesses."""
        return guesses.guessed(self._db, expert)

    def progress(self, expert: str) -> Progress:
        """Progress of the expert."""
        return progress_of(self._db, expert, self.settings)

    # The organiser.

    def overview(self) -> list[Progress]:
        """Progress of all experts, in order of invitation."""
        return overview(self._db, self.settings)

    @property
    def locked(self) -> bool:
        """True if votes, undos and guesses are refused."""
        return voting.locked(self._db)

    def lock(self) -> None:
        """Refuse votes, undos and guesses from now on; a copy of the file is then complete."""
        voting.set_lock(self._db, True)
        self._db.gather()

    def unlock(self) -> None:
        """Accept votes again."""
        voting.set_lock(self._db, False)

    def ballots(self) -> list[Ballot]:
        """Counted votes: without undone, withdrawn and practice votes."""
        return ballots_of(self._db, self.settings, self.items)

    def judgements(self) -> pd.DataFrame:
        """Counted judgements of task judge (crossover.COLUMNS), as `ballots`."""
        return voting.judgements_of(self._db, self.settings, self.items)

    def guesses(self) -> pd.DataFrame:
        """Guesses of the experts who did not withdraw, with the columns of a guesses CSV."""
        return guesses.guesses_table(self._db, self.methods)

    def note(self, who: str, action: str, detail: str = "") -> None:
        """Add a line to the log."""
        with self._db.writing() as writer:
            note(writer, who, action, detail)

    def log(self, latest: int = 1000) -> list[Entry]:
        """Latest lines of the log, oldest first."""
        return entries(self._db, latest)
