"""Options of a command, its lines on the terminal, and a user's mistake in one line."""

import argparse
import errno
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Add --trust, for files whose maker the user trusts."""
    said = "call what files of others name, also from the current folder: any code can run"
    # Its default holds also where other options have none.
    parser.add_argument("--trust", action="store_true", default=False, help=said)


def add_store(parser: argparse.ArgumentParser) -> None:
    """Add --store, the folder of what is kept."""
    folder = os.environ.get("ECGLENS_STORE") or "store"
    said = "folder of what is kept (default: ECGLENS_STORE, or ./store)"
    parser.add_argument("--store", type=Path, default=Path(folder), help=said)


def parser_of(description: str, note: str) -> argparse.ArgumentParser:
    """A parser named as the command was called; the lines of the `note` end its help."""
    as_written = argparse.RawDescriptionHelpFormatter
    return argparse.ArgumentParser(
        prog=sys.argv[0], description=description, epilog=note, formatter_class=as_written
    )


def check_alone(
    parser: argparse.ArgumentParser, arguments: argparse.Namespace, option: str, *beside: str
) -> None:
    """Raise ValueError for words other than `beside` an option, which would read none of them."""
    given = [name for name, value in vars(arguments).items() if value != parser.get_default(name)]
    if other := ", ".join(each for each in given if each not in (option, *beside)):
        allowed = f" with {', '.join(beside)}" if beside else ""
        said = f"expected --{option} alone{allowed}, got also {other}; leave it out"
        raise ValueError(said.replace("_", "-"))


def spell_out() -> None:
    """Write what stdout has no letter for as an escape, as stderr does."""
    out = sys.stdout
    if not isinstance(out, TextIOWrapper):
        return
    # The second is that of the locale C where Python is kept from UTF-8.
    if out.errors == "strict" or (out.errors == "surrogateescape" and out.encoding != "utf-8"):
        out.reconfigure(errors="backslashreplace")


def tell(*lines: object, file: TextIO | None = None) -> None:
    """Print each line (on stdout by default); what a terminal would obey is shown as an escape."""
    from ..store import printable  # --help needs no package of ours

    for line in "\n".join(map(str, lines)).split("\n"):
        print(printable(line), file=file)


FILE_THERE = "a file lies where a folder is wanted: give another name"
MISUSE = 2  # status of a command that was used wrongly
# What to do about errors of the system, whose messages do not say it.
ADVICE = {
    errno.ENOSPC: "make room on that disk, or give another folder; the same command resumes",
    errno.EDQUOT: "make room there, or give another folder; the same command resumes",
    errno.EROFS: "give a folder that can be written (store=…, hydra.run.dir=…, --to)",
    **dict.fromkeys((errno.EEXIST, errno.ENOTDIR), FILE_THERE),
    errno.EMFILE: "allow more open files: ulimit -n 4096",
}


def one_line(problem: BaseException) -> str:
    """Message of the error in one line, after the name of the program."""
    said = "ecglens: " + re.sub(r"\s*\n\s*", "; ", str(problem).strip())
    advice = ADVICE.get(problem.errno or 0) if isinstance(problem, OSError) else None
    return f"{said}; {advice}" if advice else said


@contextmanager
def user_errors(stopped: str, say: Callable[[BaseException], str] = one_line) -> Iterator[None]:
    """End the process with one line and status 2 for a user's mistake.

    Ctrl-C ends it with the line `stopped` and the shell's status.
    """
    try:
        yield
    except BrokenPipeError:  # what reads our lines, such as head, has ended
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
    except (ValueError, OSError, ImportError) as problem:
        tell(say(problem), file=sys.stderr)
        sys.exit(MISUSE)
    except KeyboardInterrupt:
        print(f"\n{stopped}", file=sys.stderr)
        sys.exit(128 + signal.SIGINT)
