"""`ecglens study serve | invite | revoke | withdraw | erase | export`: while experts vote."""

import argparse
import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecglens.jobs import tell

from .create import ADDRESS, check_address, link

if TYPE_CHECKING:
    from .. import StudyStorage

VOTES, GUESSES, JUDGEMENTS = "votes.csv", "guesses.csv", "judgements.csv"
PRIVATE = 0o600  # the files contain experts' names and comments


def add_commands(subcommands: Any) -> None:
    """Add the subcommands of a running study."""
    served = _of_a_study(subcommands, "serve", "show the study to its experts until Ctrl-C")
    served.add_argument(
        "--host", default="127.0.0.1", help="127.0.0.1: this machine only (default); 0.0.0.0: all"
    )
    served.add_argument("--port", type=int, default=8000, help="0 selects a free port")
    served.add_argument("--address", default="", help="address that experts open, if different")
    served.set_defaults(run=_serve)

    invited = _of_a_study(
        subcommands, "invite", "print a new login link, which revokes the old one"
    )
    who = invited.add_mutually_exclusive_group(required=True)
    who.add_argument("--expert", default="", help="name of an expert, known or new")
    who.add_argument("--organiser", action="store_true")
    invited.add_argument("--address", default=ADDRESS, help="server address in the link")
    invited.set_defaults(run=_invite)

    for name, run, what in (
        ("revoke", _revoke, "revoke an expert's login link; the votes stay"),
        ("withdraw", _withdraw, "exclude an expert's votes from every analysis, for good"),
    ):
        ended = _of_a_study(subcommands, name, what)
        ended.add_argument("--expert", required=True)
        ended.set_defaults(run=run)

    erased = _of_a_study(
        subcommands, "erase", "delete an expert's name, votes and guesses from the study's file"
    )
    erased.add_argument("--expert", required=True)
    erased.add_argument("--yes", action="store_true", help="without it nothing is deleted")
    erased.set_defaults(run=_erase)

    exported = _of_a_study(subcommands, "export", "write the votes as CSV, with method names")
    exported.add_argument(
        "--to", type=Path, required=True, help=f"folder for {VOTES} and {GUESSES}, or {JUDGEMENTS}"
    )
    exported.set_defaults(run=_export)


def _of_a_study(subcommands: Any, name: str, what: str) -> argparse.ArgumentParser:
    parser = subcommands.add_parser(name, help=what)
    parser.add_argument("study", type=Path, help="folder made by study create")
    return parser


def _serve(arguments: argparse.Namespace) -> None:
    from .. import serve

    serve(arguments.study, arguments.host, arguments.port, arguments.address)


def _invite(arguments: argparse.Namespace) -> None:
    check_address(arguments.address)  # a wrong one replaces no link
    storage = _opened(arguments.study)
    storage.check_complete()
    if arguments.organiser:
        token = storage.invite_organiser(_who())
    else:
        new = arguments.expert not in _experts(storage)
        token = storage.invite(arguments.expert, _who())
        if new:
            tell(f"new expert: {arguments.expert}")
    tell(link(arguments.address, token))


def _revoke(arguments: argparse.Namespace) -> None:
    storage, expert = _of_expert(arguments)
    storage.revoke(expert, _who())
    tell(f"the link of {expert} no longer works; the votes stay (study invite makes a new link)")


def _withdraw(arguments: argparse.Namespace) -> None:
    storage, expert = _of_expert(arguments)
    storage.withdraw(expert, _who())
    tell(f"the votes of {expert} are excluded from every export and analysis")


def _erase(arguments: argparse.Namespace) -> None:
    storage, expert = _of_expert(arguments)
    if not arguments.yes:
        tell(f"would delete the name, votes and guesses of {expert} for good; --yes deletes them")
        return
    erased = storage.erase(expert, _who())
    tell(f"{expert} is now called {erased}; copies of the file, exports and analyses that were")
    tell("made before still have the name")


def _export(arguments: argparse.Namespace) -> None:
    from ecglens.store import csv_text, write_text

    from .. import guesses_text, write_votes
    from ..settings import JUDGE

    storage = _opened(arguments.study)
    if storage.settings.task == JUDGE:
        judged = storage.judgements()
        storage.note("organiser", "exported", f"{JUDGEMENTS} by {_who()}")
        write_text(arguments.to / JUDGEMENTS, csv_text(judged), PRIVATE)
        tell(f"{len(judged)} judgements in {arguments.to / JUDGEMENTS}")
        return
    ballots, guesses = storage.ballots(), storage.guesses()
    storage.note("organiser", "exported", f"{VOTES} and {GUESSES} by {_who()}")
    path = write_votes(ballots, arguments.to / VOTES, PRIVATE)
    write_text(arguments.to / GUESSES, guesses_text(guesses), PRIVATE)
    votes = sum(not ballot.catch for ballot in ballots)
    catch = f" and {len(ballots) - votes} on catch items" if votes < len(ballots) else ""
    tell(f"{votes} votes{catch} in {path}, {len(guesses)} guesses in {arguments.to / GUESSES}")
    tell("these files name the methods: do not show them to an expert who still votes")
    if not storage.locked:
        tell("the study is not locked: experts can still vote; lock it on the organiser's page")


def _who() -> str:
    """User of the command, for the log."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may have a number without a name
        user = f"user {os.getuid()}"
    return f"{user}, command line"


def _opened(folder: Path) -> "StudyStorage":
    from .. import StudyStorage

    return StudyStorage(folder)


def _of_expert(arguments: argparse.Namespace) -> tuple["StudyStorage", str]:
    """Study and expert; ValueError for an unknown name."""
    storage = _opened(arguments.study)
    if arguments.expert not in (known := _experts(storage)):
        raise ValueError(
            f"expected an expert of this study, one of {', '.join(known)}; got {arguments.expert!r}"
        )
    return storage, arguments.expert


def _experts(storage: "StudyStorage") -> list[str]:
    return [progress.expert for progress in storage.overview()]
