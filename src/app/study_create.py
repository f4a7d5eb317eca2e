"""`ecglens study create`: a voting page out of finished runs."""

import argparse
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .study_words import listed, one_of, question

if TYPE_CHECKING:
    from ..study.design import Settings

ADDRESS = "http://127.0.0.1:8000"
# What is asked unless the command line says otherwise; the rest are those of design.Settings.
HOUSE: Mapping[str, Any] = {
    "ecgs": 12,  # of one target in both views, twice: 48 decisions and about ten minutes
    "choose": "stratified",
    "experts": "expert 1",
    "methods": "",
    "second": "",
    "address": ADDRESS,
}
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "house": {},
    # Storås et al. 2025: 51 ECGs in both views, twice, one map always chosen, nothing asked beside.
    "storas2025": {"ecgs": 51, "none": False, "practice": 0, "catch": 0, "guess": False},
}


def add_tasks(tasks: Any) -> None:
    """Add `create` to the command line; an option that is not given is the preset's."""
    made = tasks.add_parser(
        "create",
        help="choose ECGs, draw, blind and shuffle their maps, invite experts",
        argument_default=argparse.SUPPRESS,
    )
    made.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="a finished run or sweep")
    made.add_argument("--to", type=Path, required=True, help="a new folder")
    made.add_argument("--preset", default="house", help=f"one of {', '.join(PRESETS)}")
    made.add_argument("--name", help="of the study (that of the folder)")
    made.add_argument("--ecgs", type=int, help="for each target (12)")
    made.add_argument("--choose", help="stratified by the label, representative, or random")
    made.add_argument("--experts", help="names between commas, a login link for each")
    made.add_argument("--methods", help="of the run's methods those to be shown (all)")
    made.add_argument("--protocol", help="pick the best map, rate each 1 to 5, or pair (pick)")
    made.add_argument("--views", help="full, averaged or both (full,averaged)")
    made.add_argument("--showings", type=int, help="1, or 2 for agreement within experts (2)")
    made.add_argument("--second", help='a second question as "question=answer/answer"')
    made.add_argument("--practice", type=int, help="ECGs at the beginning that do not count (2)")
    made.add_argument("--catch", type=int, help="items with a known answer, per target, view (2)")
    made.add_argument("--consent", type=Path, help="a text file to agree to before the first vote")
    made.add_argument("--days", type=int, help="that a login link lives (90)")
    made.add_argument("--seed", type=int, help="of every choice and order (drawn: it unblinds)")
    made.add_argument("--address", help=f"of the server, for the links ({ADDRESS})")
    for name, what in (
        ("none", 'offer "none is useful" (pick alone)'),
        ("prediction", "show what the network said"),
        ("comment", "offer a comment"),
        ("guess", "ask at the end which method drew which map"),
    ):
        made.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, help=what)
    made.set_defaults(task=_create)


def _create(arguments: argparse.Namespace) -> None:
    from ..study.box import ORGANISER
    from ..study.create import check_experts, check_new, create_study, seed_for
    from ..study.design import HOW
    from .material import found_in

    preset = PRESETS[one_of("--preset", [*PRESETS], arguments.preset)]
    own = {"name": arguments.to.resolve().name, "seed": seed_for(arguments.to)}
    given = {**HOUSE, **own, **preset, **vars(arguments)}
    # What is wrong with the words should not cost any maps.
    settings, how = _settings(given), one_of("--choose", HOW, given["choose"])
    ecgs, experts = given["ecgs"], listed(given["experts"])
    check_experts(experts)
    check_new(arguments.to)
    found = found_in(arguments.runs, listed(given["methods"]), ecgs)
    # Before a study is drawn that nobody could tell them of.
    for run in arguments.runs:
        print(f"whose ECGs they are, for you alone: {found.names.save(run / 'study')}")
    created = create_study(arguments.to, found.materials, settings, ecgs, how, experts)
    for reason in (*found.left_out, *created.reasons):
        print(f"note: {reason}")
    print(f"{created.decisions} decisions of each expert")
    links = {**created.links, ORGANISER: created.organiser}
    width = max(map(len, links))
    for name, token in links.items():
        print(f"{name:{width}}  {link(given['address'], token)}")
    print("a link lets in whoever has it and is not shown again: study invite makes a new one")
    print(f"next: python -m ecglens study serve {arguments.to}")


def link(address: str, token: str) -> str:
    """Where a token lets its owner in."""
    return f"{address.rstrip('/')}/enter/{token}"


def _settings(given: Mapping[str, Any]) -> "Settings":
    from ..study.design import Settings

    own = {field.name: given[field.name] for field in fields(Settings) if field.name in given}
    own["second"], own["second_answers"] = question(given["second"])
    if "views" in own:
        own["views"] = tuple(listed(own["views"]))
    if "consent" in own:
        if not own["consent"].is_file():
            raise ValueError(f"expected --consent as a text file, found none at {own['consent']}")
        own["consent"] = own["consent"].read_text(encoding="utf-8")
    return Settings(**own)
