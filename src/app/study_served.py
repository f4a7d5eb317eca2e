"""`ecglens study serve | invite | revoke | withdraw | export`: a study while experts vote."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .study_create import ADDRESS, link

if TYPE_CHECKING:
    from ..study.box import BallotBox

VOTES, GUESSES = "votes.csv", "guesses.csv"
OWN = 0o600  # they hold experts' names and comments


def add_tasks(tasks: Any) -> None:
    """Add these tasks to the command line's."""
    served = _of_a_study(tasks, "serve", "show the study to its experts until Ctrl-C")
    served.add_argument("--host", default="127.0.0.1", help="this machine alone; 0.0.0.0 for all")
    served.add_argument("--port", type=int, default=8000)
    served.add_argument("--address", default="", help="that experts open, where it is another one")
    served.set_defaults(task=_serve)

    invited = _of_a_study(tasks, "invite", "print a new login link; the one before it dies")
    who = invited.add_mutually_exclusive_group(required=True)
    who.add_argument("--expert", default="", help="of the study, or a new one")
    who.add_argument("--organiser", action="store_true")
    invited.add_argument("--address", default=ADDRESS, help="of the server")
    invited.set_defaults(task=_invite)

    for name, task, what in (
        ("revoke", _revoke, "end an expert's login link; the votes stay"),
        ("withdraw", _withdraw, "take an expert's votes out of every analysis, for good"),
    ):
        ended = _of_a_study(tasks, name, what)
        ended.add_argument("--expert", required=True)
        ended.set_defaults(task=task)

    told = _of_a_study(tasks, "export", "write the votes as CSV, with the names of the methods")
    told.add_argument("--to", type=Path, required=True, help=f"for {VOTES} and {GUESSES}")
    told.set_defaults(task=_export)


def _of_a_study(tasks: Any, name: str, what: str) -> argparse.ArgumentParser:
    parser = tasks.add_parser(name, help=what)
    parser.add_argument("study", type=Path, help="the folder of study create")
    return parser


def _serve(arguments: argparse.Namespace) -> None:
    from ..study.web import serve

    serve(arguments.study, arguments.host, arguments.port, arguments.address)


def _invite(arguments: argparse.Namespace) -> None:
    box = _opened(arguments.study)
    if arguments.organiser:
        token = box.invite_organiser()
    else:
        if arguments.expert not in _experts(box):
            print(f"{arguments.expert} is new to this study")
        token = box.invite(arguments.expert)
    print(link(arguments.address, token))


def _revoke(arguments: argparse.Namespace) -> None:
    box, expert = _of_expert(arguments)
    box.revoke(expert)
    print(f"{expert} cannot enter any more; the votes stay. study invite lets {expert} in again")


def _withdraw(arguments: argparse.Namespace) -> None:
    box, expert = _of_expert(arguments)
    box.withdraw(expert)
    print(f"the votes of {expert} are no part of any export or agreement any more")


def _export(arguments: argparse.Namespace) -> None:
    from ..store import write_text
    from ..study import write_votes
    from ..study.blinding import guesses_text

    box = _opened(arguments.study)
    ballots, guesses = box.ballots(), box.guesses()
    path = write_votes(ballots, arguments.to / VOTES, OWN)
    write_text(arguments.to / GUESSES, guesses_text(guesses), OWN)
    print(f"{len(ballots)} votes in {path}, {len(guesses)} guesses in {arguments.to / GUESSES}")
    print("these files name the methods behind the maps: show them to no expert who still votes")
    if not box.locked:
        print("the study is open: votes may still come; the organiser's page locks it")


def _opened(folder: Path) -> "BallotBox":
    from ..study.box import BallotBox

    return BallotBox(folder)


def _of_expert(arguments: argparse.Namespace) -> tuple["BallotBox", str]:
    """The study with an expert of it; ValueError for anybody else."""
    box = _opened(arguments.study)
    if arguments.expert not in (known := _experts(box)):
        raise ValueError(
            f"expected an expert of this study, one of {', '.join(known)}; got {arguments.expert!r}"
        )
    return box, arguments.expert


def _experts(box: "BallotBox") -> list[str]:
    return [progress.expert for progress in box.overview()]
