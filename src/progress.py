"""Progress of long work: a bar on terminals and in notebooks, a line a minute in a log."""

import sys
import time
from typing import Any

from tqdm.auto import tqdm

# Seconds before a bar shows: shorter work needs none, and one shown for a moment only flickers.
PATIENCE_S = 2.0
# Seconds between two lines in a log, over all work of this process.
LINE_S = 60.0
LINE = "{desc}: {n_fmt} of {total_fmt}{unit}, {elapsed} so far, {remaining} left{postfix}"
NOTEBOOK = any(each.__module__ == "tqdm.notebook" for each in tqdm.__mro__)


def progress_bar(
    total: int, doing: str, shown: bool = True, unit: str = "", stays: bool = False
) -> "tqdm[Any]":
    """A bar on stderr for work longer than PATIENCE_S, as a context; in notebooks one of theirs.

    Where stderr is neither, a line every LINE_S seconds. A bar that `stays` is there afterwards.
    """
    given: dict[str, Any] = {"total": total, "desc": doing, "unit": unit, "delay": PATIENCE_S}
    if shown and not NOTEBOOK and not sys.stderr.isatty():
        return tqdm(**given, bar_format=LINE, file=_Log(), mininterval=1.0, leave=False)
    return tqdm(**given, file=sys.stderr, leave=stays, disable=not shown)


class _Log:
    """What a bar writes to in place of a terminal: of its pictures, one a minute is a line."""

    last = 0.0  # when the last line was written, or the first bar of this process began

    def __init__(self) -> None:
        _Log.last = _Log.last or time.monotonic()

    def write(self, text: str) -> None:
        """Write the picture as a line, if a minute is over."""
        picture = text.replace("\x1b[A", "").strip()  # bars within bars move the cursor up
        if picture and time.monotonic() - _Log.last >= LINE_S:
            _Log.last = time.monotonic()
            print(picture, file=sys.stderr)

    def flush(self) -> None:
        sys.stderr.flush()
