"""Every setting that changes a number, as a table."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from ..text.facts import installed_versions
from .manuscript import Manuscript

PARTS = ("target", "input", "data", "model", "network", "fit", "method", "evaluation", "ecgs")


def settings(manuscript: Manuscript) -> pd.DataFrame:
    """A row per setting of the run, then the versions; where no settings are known, of protocols.

    `part` is the group, `setting` its name within it, `value` as it was given.
    """
    known = manuscript.settings
    rows = [row for part in PARTS if part in known for row in _rows(part, known[part])]
    rows += [("networks", "seeds", _said(manuscript.seeds))] if manuscript.seeds else []
    if not known:
        protocols = (each.curves[0].protocol for each in manuscript.first_of_each_protocol)
        rows += [row for each in protocols for row in _rows("evaluation", {each.name: vars(each)})]
    rows += [*_rows("versions", manuscript.facts.get("versions") or installed_versions())]
    return pd.DataFrame(rows, columns=pd.Index(["part", "setting", "value"]))


def _rows(part: str, value: Any, above: str = "") -> Iterator[tuple[str, str, str]]:
    if not isinstance(value, Mapping):
        yield part, above, _said(value)
        return
    for key, each in value.items():
        yield from _rows(part, each, f"{above}.{key}".strip("."))


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
