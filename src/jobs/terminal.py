"""Lines on the terminal, without the escapes that a foreign file may hold."""

from typing import TextIO


def tell(*lines: object, file: TextIO | None = None) -> None:
    """Print each line (on stdout by default); what a terminal would obey is shown as an escape."""
    from ..store import printable  # --help needs no package of ours

    for line in "\n".join(map(str, lines)).split("\n"):
        print(printable(line), file=file)
