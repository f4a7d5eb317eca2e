"""Texts, tables and folders of unknown origin: read within limits, shown without escapes."""

import json
import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from unicodedata import category
from zipfile import BadZipFile, ZipFile, is_zipfile

if TYPE_CHECKING:
    import pandas as pd

# The finding of a million ECGs names each with its patient: 60 MB. A larger text is something else.
LARGEST_TEXT = 2**28  # bytes
# Control characters, bidirectional and zero-width marks, lone surrogates, ends of lines.
UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
# Bytes of a file's name that are not UTF-8, as Python holds them.
NO_UTF8 = range(0xDC80, 0xDD00)


def printable(text: str) -> str:
    r"""The text on one line, with an escape such as "\x1b" for each character without a sign.

    A byte of a file's name that is not UTF-8 is "\x…" too.
    """
    return text if text.isprintable() else "".join(map(_sign, text))


@cache
def say_once(line: str) -> None:
    """Print a line on stderr once per process."""
    print(printable(line), file=sys.stderr)


def read_text(path: Path) -> str:
    """Text of a UTF-8 file, read once.

    Raises OSError for a missing file, ValueError for what is no file (a pipe would block, a device
    never ends), a text of more than LARGEST_TEXT, and another encoding.
    """
    if path.exists() and not path.is_file():
        raise ValueError(f"expected a file, got something else: {path}")
    if (size := path.stat().st_size) > LARGEST_TEXT:
        raise ValueError(f"expected at most {LARGEST_TEXT >> 20} MB of text in {path}, got more")
    with path.open("rb") as file:
        content = file.read(size)  # reading up to LARGEST_TEXT would reserve that much
    try:
        return content.decode()
    except UnicodeDecodeError as problem:
        raise ValueError(f"expected text in UTF-8 in {path}, got another encoding") from problem


def check_unpacked(file: IO[bytes], path: Path) -> None:
    """Raise ValueError for a zip archive whose content is larger than itself, as in a bomb.

    numpy.savez and torch.save compress nothing. The file is then at its beginning.
    """
    size = os.fstat(file.fileno()).st_size
    if is_zipfile(file):
        file.seek(0)
        try:
            with ZipFile(file) as content:
                unpacked = sum(each.file_size for each in content.infolist())
        except (BadZipFile, NotImplementedError) as problem:
            raise ValueError(f"expected a whole archive in {path}, got {problem}") from problem
        if unpacked > size:
            raise ValueError(
                f"expected in {path} at most its own {size} bytes, got {unpacked} unpacked: it was "
                "made to fill the memory, or compressed; save it again"
            )
    file.seek(0)


def files_listed(path: Path, key: str) -> list[Path]:
    """Files beside a JSON file that it lists under `key`; none where it is missing or edited."""
    try:
        beside = [path.parent / Path(name).name for name in read_json(path)[key]]
        return [each for each in beside if each.is_file()]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def read_json(path: Path) -> Any:
    """Content of a JSON file; errors as in `read_text` and `parsed_json`."""
    return parsed_json(read_text(path), str(path))


def parsed_json(text: str | bytes, where: str) -> Any:
    """Content of a JSON text; NaN is a number, since our own files may have it.

    Raises ValueError that names `where` for what is no JSON or nested too deeply, a key that occurs
    twice (readers disagree on which one counts), and a number too large for its type.
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_float=_finite)
    except RecursionError:
        raise ValueError(f"expected JSON in {where}, got some that is nested too deeply") from None
    except ValueError as problem:
        raise ValueError(f"expected JSON in {where}, got a damaged text ({problem})") from problem


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} twice")
    return found


def _finite(digits: str) -> float:
    if (value := float(digits)) in (float("inf"), float("-inf")):
        raise ValueError(f"the number {digits[:20]}, which is too large")
    return value


def _sign(letter: str) -> str:
    if ord(letter) in NO_UTF8:
        return f"\\x{ord(letter) - 0xDC00:02x}"
    return letter.encode("unicode_escape").decode() if category(letter) in UNSEEN else letter


# The place before a formula: at the beginning of a cell, or of what may become one. Excel takes the
# signs of full width too, where its language has them.
SIGNS = "[=+@＝＋＠－-]"
FORMULA = re.compile(rf"(^|[;,\t\r\n])(?= *{SIGNS})")
RETURN = re.compile(r"\r(?!\n)")
GUARD = re.compile(rf"(^|[;,\t\r\n]) (?= *{SIGNS})")


def inert(cell: Any) -> Any:
    """Cell with a space before whatever a spreadsheet would run as a formula; numbers stay numbers.

    Spreadsheets of many countries split at semicolons, whatever the quotes say: there too, after
    tabs, commas and new lines. A carriage return alone becomes a new line: Python does not quote
    it, and readers would end the row there.
    """
    return FORMULA.sub(r"\1 ", RETURN.sub("\n", cell)) if isinstance(cell, str) else cell


def as_was(cell: Any) -> Any:
    """The cell before `inert`, but for carriage returns."""
    return GUARD.sub(r"\1", cell) if isinstance(cell, str) else cell


def csv_text(table: "pd.DataFrame") -> str:
    """The table as CSV with every digit its numbers have, without a formula."""
    guarded = table.rename(columns=inert)
    for place, kind in enumerate(guarded.dtypes):
        if kind.kind == "O":
            cells = guarded.iloc[:, place].to_numpy(object, copy=True)
            for row, cell in enumerate(cells):
                cells[row] = inert(cell)
            guarded.isetitem(place, cells)
    return guarded.to_csv(index=False)


def walked(folder: Path) -> Iterator[Path]:
    """All files below a folder, in any order, through links to folders, each folder once.

    What lies in the folder itself comes first, so that a link to it gives no ECG a second name.
    """
    seen: set[tuple[int, int]] = set()
    waiting = [folder]
    while waiting:
        for place, folders, files in os.walk(waiting.pop(0)):
            found = os.stat(place)
            if (found.st_dev, found.st_ino) in seen:
                folders.clear()
                continue
            seen.add((found.st_dev, found.st_ino))
            folders.sort()
            waiting += [Path(place, name) for name in folders if os.path.islink(Path(place, name))]
            yield from (Path(place, name) for name in files)
