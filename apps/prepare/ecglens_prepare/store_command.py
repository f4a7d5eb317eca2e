"""`ecglens store`: what the store holds, whether it is sound, and what may go."""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ecglens.jobs import add_store, parser_of, tell, user_errors
from ecglens.progress import progress_bar

if TYPE_CHECKING:
    from ecglens.store import Entry

DAMAGE_FOUND = 1
DAY_S = 86400
NOTE = """A result that is removed is computed again when it is needed.

exit status: 0 all is well, 1 damage was found (verify), 2 wrong use
"""


def main() -> None:
    """Run the command; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    with user_errors("stopped"):
        status = arguments.run(arguments)
    sys.exit(status)


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("List, show, verify and remove results that the store keeps.", NOTE)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    one = commands.add_parser("list", help="how many results of each step, their size and last use")
    one.set_defaults(run=_list)
    show = commands.add_parser("show", help="settings and files of one result")
    show.add_argument("name", help="STEP/FINGERPRINT, or the first letters of it")
    show.set_defaults(run=_show)
    verify = commands.add_parser("verify", help="read every file and compare its checksum")
    verify.set_defaults(run=_verify)
    prune = commands.add_parser(
        "prune", help="remove results; says what it would remove, until --yes is given"
    )
    prune.add_argument("--step", action="append", help="only this step, such as curves; repeatable")
    prune.add_argument(
        "--unused", type=float, metavar="DAYS", help="only what was last used more than DAYS ago"
    )
    prune.add_argument("--broken", action="store_true", help="only unfinished and damaged folders")
    prune.add_argument("--yes", action="store_true", help="remove it")
    prune.set_defaults(run=_prune)
    for each in (one, show, verify, prune):
        add_store(each)
    return parser


def _list(arguments: argparse.Namespace) -> int:
    found = _found(arguments)
    width = max((len(each.step) for each in found), default=4)
    print(f"{'step':{width}}  {'state':10}  results       size  last used")
    for step, state in sorted({(each.step, each.state) for each in found}):
        some = [each for each in found if (each.step, each.state) == (step, state)]
        used = max(each.used for each in some)
        tell(f"{step:{width}}  {state:10}  {len(some):7}  {_total(some):>9}  {_day(used)}")
    print(f"{len(found)} results, {_total(found)}, in {arguments.store.resolve()}")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    chosen = [
        each
        for each in _found(arguments)
        if f"{each.step}/{each.folder.name}".startswith(arguments.name)
    ]
    if len(chosen) != 1:
        raise ValueError(
            f"expected the beginning of one folder, such as beats/0611c4, got {arguments.name!r}, "
            f"with which {len(chosen) or 'none'} begin; they lie in {arguments.store}"
        )
    (one,) = chosen
    tell(f"{one.folder.resolve()}\n{one.state}, {_total([one])}, last used {_day(one.used)}")
    from ecglens.store import read_text

    settings = one.folder / "settings.json"
    if settings.is_file():
        tell(read_text(settings).rstrip("\n"))
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    chosen, damaged = _found(arguments), 0
    with progress_bar(len(chosen), "verifying", unit=" results") as bar:
        for each in chosen:
            problem = each.damage()
            if problem is not None:
                damaged += 1
                bar.write(f"{each.folder}: {problem}", file=sys.stdout)
            bar.update()
    print(
        f"{damaged} of {len(chosen)} results are damaged; they are not used but computed again"
        if damaged
        else f"{len(chosen)} results, {_total(chosen)}, all as they were written"
    )
    return DAMAGE_FOUND if damaged else 0


def _prune(arguments: argparse.Namespace) -> int:
    from ecglens.store import FINISHED

    found = _found(arguments)
    steps = {each.step for each in found}
    for step in arguments.step or []:
        if step not in steps:
            known = ", ".join(sorted(steps)) or "a store with results"
            raise ValueError(f"expected a step of {known}, got {step!r}")
    if arguments.unused is not None and not arguments.unused >= 0:
        raise ValueError(f"expected 0 or more days for --unused, got {arguments.unused:g}")
    limit = None if arguments.unused is None else time.time() - arguments.unused * DAY_S
    chosen = [
        each
        for each in found
        if (not arguments.step or each.step in arguments.step)
        and (limit is None or each.used < limit)
        and not (arguments.broken and each.state == FINISHED)
    ]
    for each in chosen:
        tell(f"{each.step}/{each.folder.name}  {_total([each])}  last used {_day(each.used)}")
    if not arguments.yes:
        print(
            f"would remove {len(chosen)} of {len(found)} results, {_total(chosen)}; "
            "--yes removes them"
        )
        return 0
    gone = [each for each in chosen if each.remove()]
    kept = len(chosen) - len(gone)
    busy = f"; {kept} are in use by another process, or behind a link" if kept else ""
    print(f"removed {len(gone)} of {len(found)} results, {_total(gone)}{busy}")
    return 0


def _found(arguments: argparse.Namespace) -> list["Entry"]:
    from ecglens.store import entries

    return list(entries(arguments.store))


def _total(some: Sequence["Entry"]) -> str:
    """Size of these results."""
    total = float(sum(each.size for each in some))
    for unit in ("B", "kB", "MB", "GB"):
        if total < 999.5:  # more has four digits
            return f"{total:.3g} {unit}"
        total /= 1000
    return f"{total:.3g} TB"


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")
