"""`ecglens study create`: a study from finished runs; values from the text of options."""

import argparse
import re
import shlex
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecglens.jobs import add_trust, tell

if TYPE_CHECKING:
    from .. import Settings
ADDRESS = "http://127.0.0.1:8000"


def listed(text: str) -> Sequence[str]:
    """Names separated by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def numbers(text: str) -> tuple[int, ...]:
    """Whole numbers separated by commas."""
    return tuple(int(number) for number in text.split(","))


def question(text: str) -> tuple[str, tuple[str, ...]]:
    """Question and answers from "question=answer/answer"; ("", ()) from "".

    Raises ValueError for a question without at least two different answers.
    """
    title, _, answers = text.rpartition("=")
    found = tuple(answer.strip() for answer in answers.split("/") if answer.strip())
    if text and (not title.strip() or len({*found}) < max(2, len(found))):
        raise ValueError(
            f'expected --second "question=answer/answer" of different answers, got {text!r}'
        )
    return title.strip(), found if text else ()


def one_of(option: str, choices: Sequence[str], given: str) -> str:
    """Given value; ValueError that lists the choices if it is not one of them."""
    if given not in choices:
        raise ValueError(f"expected {option} as one of {', '.join(choices)}, got {given!r}")
    return given


# Defaults of the options that are not fields of Settings.
DEFAULTS: Mapping[str, Any] = {
    "ecgs": 12,  # for one target, both views, two showings: 48 decisions in about ten minutes
    "sampling": "stratified",
    "experts": "expert 1",
    "methods": "",
    "second": "",
    "address": ADDRESS,
}
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "default": {},
    # Storås et al. 2025: 51 ECGs, both views, two showings, a choice on every screen, no extras.
    "storas2025": {"ecgs": 51, "none": False, "practice": 0, "catch": 0, "guess": False},
}


def add_commands(subcommands: Any) -> None:
    """Add `create`; options that are not given take the value of the preset."""
    made = subcommands.add_parser(
        "create",
        help="create a study: choose ECGs, draw their maps, invite experts",
        argument_default=argparse.SUPPRESS,
    )
    made.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="finished run or sweep")
    made.add_argument("--to", type=Path, required=True, help="new folder for the study")
    made.add_argument("--preset", default="default", help=f"one of {', '.join(PRESETS)}")
    made.add_argument("--name", help="name of the study (default: that of the folder)")
    made.add_argument("--ecgs", type=int, help="ECGs per target (default: 12)")
    made.add_argument(
        "--sampling",
        help="stratified (by label; default), representative (label and error), random",
    )
    made.add_argument("--experts", help="names separated by commas; each receives a login link")
    made.add_argument("--methods", help="methods to show (default: all of the run)")
    made.add_argument(
        "--task",
        help="pick the best map (default), rate each from 1 to 5, pair: the better of 2, or judge "
        "the network's reading with the map and without it",
    )
    made.add_argument("--limit", type=float, help="error up to which a reading is right (judge)")
    made.add_argument("--washout", type=int, help="days between the two periods (judge; 14)")
    made.add_argument("--views", help="full, averaged, or full,averaged (default)")
    made.add_argument("--showings", type=int, help="1, or 2 for agreement within experts (default)")
    made.add_argument("--second", help='second question as "question=answer/answer"')
    made.add_argument("--practice", type=int, help="practice items, not counted (default: 2)")
    made.add_argument("--catch", type=int, help="catch items per target and view (default: 2)")
    made.add_argument("--consent", type=Path, help="text file with the consent text")
    made.add_argument("--days", type=int, help="validity of a login link (default: 90)")
    made.add_argument("--seed", type=int, help="default: random; whoever knows it is not blinded")
    made.add_argument("--address", help=f"server address in the links (default: {ADDRESS})")
    for name, what in (
        ("none", 'offer "none is useful" (task pick only)'),
        ("prediction", "show the network's output"),
        ("comment", "offer a comment field"),
        ("guess", "ask at the end which method drew which map"),
    ):
        made.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, help=what)
    add_trust(made)
    made.set_defaults(run=_create)


def _create(arguments: argparse.Namespace) -> None:
    from .. import ORGANISER, SAMPLINGS, check_experts, check_new, create_from_inputs, seed_for
    from ..inputs import found_in, key_kept, key_of
    from ..settings import check_days, defaults_of

    preset = PRESETS[one_of("--preset", [*PRESETS], arguments.preset)]
    own = {"name": arguments.to.resolve().name, "seed": seed_for(arguments.to)}
    _check_read(arguments)
    task = defaults_of(getattr(arguments, "task", ""))
    given = {**DEFAULTS, **own, **preset, **task, **vars(arguments)}
    # Check all arguments before any map is computed.
    settings, sampling = _settings(given), one_of("--sampling", SAMPLINGS, given["sampling"])
    ecgs, experts = given["ecgs"], listed(given["experts"])
    check_days(settings)
    check_experts(experts)
    if ecgs < 1:
        raise ValueError(f"expected --ecgs of 1 or more, got {ecgs}")
    check_address(given["address"])
    check_new(arguments.to)
    found = found_in(arguments.runs, listed(given["methods"]), ecgs, arguments.trust)
    try:
        with key_kept(found.names, arguments.to):
            created = create_from_inputs(
                arguments.to, found.study_inputs, settings, ecgs, sampling, experts
            )
    finally:  # a study that was stopped has its key too
        if (key := key_of(arguments.to)).exists():
            tell(f"key from pseudonyms to ECGs, for you only: {key}")
    for note in (*found.left_out, *created.notes):
        tell(f"note: {note}")
    tell(f"decisions per expert: {created.decisions}")
    links = {**created.links, ORGANISER: created.organiser}
    width = max(map(len, links))
    for name, token in links.items():
        tell(f"{name:{width}}  {link(given['address'], token)}")
    tell("anyone with a link can log in; it is not shown again (study invite makes a new one)")
    tell(f"next: python -m ecglens study serve {shlex.quote(str(arguments.to))}")


def _check_read(arguments: argparse.Namespace) -> None:
    """Raise ValueError for options that the task does not read."""
    from ..settings import JUDGE

    task = getattr(arguments, "task", "pick")
    unread = ("showings",) if task == JUDGE else ("limit", "washout")
    unread += () if task == "pick" else ("none",)
    check_unread(vars(arguments), unread, f" with task {task}")


def check_unread(given: Container[str], unread: Iterable[str], why: str) -> None:
    """Raise ValueError for options that are given and not read."""
    if left := [f"--{name}" for name in unread if name in given]:
        raise ValueError(f"expected no {' and no '.join(left)}{why}, got it; leave it out")


def check_address(address: str) -> None:
    """Raise ValueError for an address that no browser opens."""
    if not re.match(r"https?://[^/]", address):
        raise ValueError(f"expected --address as {ADDRESS} or https://…, got {address!r}")


def link(address: str, token: str) -> str:
    """Login link for a token."""
    return f"{address.rstrip('/')}/enter/{token}"


def _settings(given: Mapping[str, Any]) -> "Settings":
    from .. import Settings

    own = {field.name: given[field.name] for field in fields(Settings) if field.name in given}
    own["second"], own["second_answers"] = question(given["second"])
    if isinstance(own.get("views"), str):
        own["views"] = tuple(listed(own["views"]))
    if "consent" in own:
        if not own["consent"].is_file():
            raise ValueError(f"expected --consent as a text file, found none at {own['consent']}")
        own["consent"] = own["consent"].read_text(encoding="utf-8")
    return Settings(**own)
