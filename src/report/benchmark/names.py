"""Names of results on one page: no two alike, and none that only reads as a built-in method."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ...eval.benchmark import built_in
from ..style import reads_as

Result = Mapping[str, Any]
SHORT = 6  # digits of a hash: among ten results of one name two are alike once in 370 000 pages


def told_apart(results: Sequence[Result]) -> list[Result]:
    """The results, some with the start of their hash after the name; equal files count once.

    That is so for a name of several results, and for one that reads as a built-in method while
    class, version or settings are others.
    """
    once = [*{each["hash"]: each for each in results}.values()]
    counts = Counter(each["method"]["name"] for each in once)
    found = []
    for each in once:
        about = each["method"]
        clear = counts[about["name"]] == 1 and not _borrowed(about)
        found.append(each if clear else _with_hash(each))
    return found


def _borrowed(about: Mapping[str, Any]) -> bool:
    return bool(reads_as(about["name"])) and not built_in(about)


def _with_hash(result: Result) -> Result:
    old = result["method"]["name"]
    new = f"{old} ({result['hash'][:SHORT]})"
    scores = [
        {**each, "rows": {new if name == old else name: row for name, row in each["rows"].items()}}
        for each in result["scores"]
    ]
    return {**result, "method": {**result["method"], "name": new}, "scores": scores}
