"""`ecglens open`: a page of this machine on which the network of a run reads one ECG at a time.

Nothing heavy is imported before the arguments are checked, so that --help appears at once.
"""

import argparse
import secrets
from collections.abc import Iterator
from pathlib import Path

from ecglens.jobs import add_trust, parser_of, user_errors

NOTE = """The page is at 127.0.0.1 only, at an address with a random key. No ECG leaves the machine;
files that are dropped on the page are deleted once they are read.

exit status: 0 stopped by Ctrl-C, 2 wrong use
"""
KEY_BYTES = 16  # as many as a session of a study has


def main() -> None:
    """Serve the page until Ctrl-C; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    with user_errors("stopped"):
        _open(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("Show what the network of a run reads from an ECG, and changes of it.", NOTE)
    add = parser.add_argument
    add("run", type=Path, nargs="?", default=Path("demo"), help="finished run (default: demo)")
    add("--port", type=int, default=0, help="default: any free port")
    add("--reader", default="", help="name of a data set, or import path of a reader, for files")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="setting of the reader")
    add_trust(parser)
    return parser


def _open(arguments: argparse.Namespace) -> None:
    from ecglens_measure.runs import check_run
    from ecglens_sheets import setting_of

    check_run(arguments.run)  # before anything heavy is loaded
    settings = dict(map(setting_of, arguments.set))
    from ecglens.engine import full_precision
    from ecglens.trust import find_own_modules
    from ecglens_sheets import check_reader, known_of, opened_run
    from ecglens_study import run_server

    from .site import HOST, application
    from .viewer import Viewer

    if "." in arguments.reader:  # the user's own class
        find_own_modules()
    if arguments.reader:
        check_reader(arguments.reader, settings)
    key = secrets.token_urlsafe(KEY_BYTES)

    def lines(own: str) -> Iterator[str]:
        # No browser is started: its command line, with the key, is seen by every user.
        yield f"Open in a browser on this machine: {own}/{key}/"
        yield "Press Ctrl-C to stop; nothing is kept."

    with full_precision():
        known = known_of(opened_run(arguments.run, arguments.trust))
        viewer = Viewer(known, arguments.reader, settings)
        if first := next(iter(viewer.choices), ""):
            viewer.shown(first)  # before the address is told
        run_server(application(viewer, key, arguments.run.name), HOST, arguments.port, lines)
