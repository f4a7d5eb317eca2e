"""Pseudonyms for names that may not leave the machine, and findings, facts and flows under them."""

import hmac
import re
import secrets
from base64 import b32encode
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any

import pandas as pd

from ..datamodules import MAY_LEAVE, Target, all_may_leave, may_leave
from ..eval import Curves, Finding
from ..store import Store, csv_text, keep_private, secret, write_text

TABLE = "pseudonyms.csv"
SHORTEST = 10  # letters of base32, 50 bits: two of 100 000 ECGs share one with probability 4e-6


@dataclass
class Pseudonyms:
    """The pseudonyms of one run under the key of `store`; under a key of their own without one.

    Under one key a name of one source has the same pseudonym in every run (HMAC-SHA256, RFC 2104;
    base32, RFC 4648). Each ECG has one of its own, also where several are of one person.
    """

    store: Store | None = None
    # No part of what is printed of an object: they hold the names.
    _named: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    _reasons: dict[str, list[str]] = field(default_factory=dict, repr=False)

    @cached_property
    def key(self) -> bytes:
        """Errors as in store.secret."""
        return secrets.token_bytes(32) if self.store is None else secret(self.store.root)

    def of(self, source: str, name: str, reason: str = "") -> str:
        """The pseudonym of this name; `reason` is kept beside it in the table.

        One that another name has already gets as many letters more as tell them apart.
        """
        message = f"{source}\x1f{name}".encode(errors="surrogateescape")
        letters = b32encode(hmac.digest(self.key, message, "sha256")).decode()
        length = SHORTEST
        while self._named.setdefault(letters[:length], (source, name)) != (source, name):
            length += 1
        known = self._reasons.setdefault(letters[:length], [])
        if reason and reason not in known:
            known.append(reason)
        return letters[:length]

    def all_of(self, source: str, names: Sequence[str]) -> tuple[str, ...]:
        """The pseudonyms of several names, in their order."""
        return tuple(self.of(source, name) for name in names)

    def save(self, folder: Path) -> Path | None:
        """Write pseudonyms.csv, for its owner's eyes alone; None when nothing has a pseudonym."""
        if not self._named:
            return None
        rows = [
            (pseudonym, *named, "; ".join(self._reasons[pseudonym]))
            for pseudonym, named in self._named.items()
        ]
        table = pd.DataFrame(rows, columns=pd.Index(["pseudonym", "source", "name", "reason"]))
        text = csv_text(table).encode(errors="surrogateescape")
        return write_text(folder / TABLE, text.decode(errors="backslashreplace"), mode=0o600)


# An error says what was expected, what came and what to do; what came may be anything in a file.
# Only a short number with a unit is none that names somebody.
MEASURED = r"\d{1,3}(?:\.\d{1,3})? (?:s|ms|Hz|mV|µV)"
CAME = re.compile(rf"\bgot\b(?: (?P<number>{MEASURED})(?=[,;]|$))?.*", re.DOTALL)
QUOTED = re.compile(r"""'[^']*'|"[^"]*"|“[^”]*”""")
# A path, a file with its ending, a number: all are names somewhere. Up to three digits are none.
TELLING = re.compile(rf"(?<!\S)(?!{MEASURED}\b)\S*(?:[/\\\d]|\w\.\w)\S*")
HARMLESS = re.compile(r"[([]?[±<>≤≥]?(?:\d{1,3}|V[1-6])%?[)\]]?[.,:;]?")
SHORTEST_PART = 3  # letters of a part of a name; shorter ones are in every sentence
# Settings whose text is a path of this machine even if it looks like a word.
PATHS = ("path", "store", "table", "weights")
FILE = re.compile(r"\w\.\w")  # a name with its ending
# Settings of a source that may leave: its reader, split and reading, in our words or a column's.
SAID = ("name", "input", "split", "unit", "missing_lead")
# The import path of a class, which is code.
CLASS, IMPORT_PATH = "_target_", re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def plain_reason(reason: str, name: str) -> str:
    """The kind of a reason, without what came and without anything that may name the ECG.

    Numbers that were measured stay: 9.98 s, 214 ms.
    """
    text = QUOTED.sub("…", CAME.sub(lambda found: f"got {found['number'] or '…'}", reason))
    path = PurePath(name)
    text = _blanked(text, {name, path.name, path.stem})
    # Before the parts of the name: "jones.hea" is told by its ending, which may be one of them.
    text = TELLING.sub(lambda found: found[0] if HARMLESS.fullmatch(found[0]) else "…", text)
    return _blanked(
        text, {part for part in re.split(r"[\W\d_]+", name) if len(part) >= SHORTEST_PART}
    )


def _blanked(text: str, words: Collection[str]) -> str:
    for word in sorted({*words} - {""}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "…", text, flags=re.IGNORECASE)
    return text


def plain_settings(settings: Mapping[str, Any], names: Pseudonyms) -> dict[str, Any]:
    """The settings of a job, with pseudonyms for what is said of ECGs that may not leave.

    Every text of these but the reader's name and class; if there are any, every path of this
    machine as well.
    """
    data = settings.get("data", {})
    if all_may_leave(data):
        return dict(settings)
    return {
        key: plain_source(data, names)
        if key == "data"
        else _without(key, value, names, texts=False)
        for key, value in settings.items()
    }


def plain_source(source: Mapping[str, Any], names: Pseudonyms) -> dict[str, Any]:
    """The settings of a source and of one beside it: no texts, or no paths where it may leave."""
    texts = not may_leave(source)
    plain = {
        key: value if key in SAID else _without(key, value, names, texts=texts)
        for key, value in source.items()
        if key != "external"
    }
    beside = source.get("external")
    return plain | {"external": plain_source(beside, names)} if beside else plain


def withheld(text: str, names: Pseudonyms) -> str:
    """Stand-in for a setting: the same for the same text, so that runs can be compared."""
    return f"withheld {names.of('setting', text)}"


def _without(key: str, value: Any, names: Pseudonyms, *, texts: bool) -> Any:
    """A setting without its paths; without any of its `texts`, where these may not leave."""
    if isinstance(value, Mapping):
        return {name: _without(name, each, names, texts=texts) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without(key, each, names, texts=texts) for each in value]
    if not isinstance(value, str) or not value or (key == CLASS and IMPORT_PATH.fullmatch(value)):
        return value
    is_path = "/" in value or "\\" in value or FILE.search(value) or key in PATHS
    return withheld(value, names) if texts or (is_path and key != "unit") else value


# Facts without a name in them; a fact that is not listed here stays with the saved finding.
COUNTS = (
    "source", "generated", MAY_LEAVE, "input", "ecgs", "usable", "patients", "train", "val", "test",
)  # fmt: skip
ABOUT = ("patients_of_part", "labels_given", "label_source", "labels_by", "y_mean", "y_sd")
NAMELESS = (*COUNTS, *ABOUT, "classes", "fit", "neighbours", "ease", "cautions", "versions")
NAMED = ("excluded", "without_label")


def shareable(finding: Finding, names: Pseudonyms) -> Finding:
    """The finding under pseudonyms; as it is when all its ECGs may leave this machine.

    Numbers, and so the ranking, stay what they were. Of a second data set the same holds by itself.
    Files that are written after such ECGs were seen are private.
    """
    about = finding.about
    if all_may_leave(finding.facts):
        return finding
    keep_private()
    networks = range(len(about.networks))
    fits = tuple(shareable_facts(about.facts(k), about.target, names) for k in networks)
    if may_leave(finding.facts):
        return replace(finding, about=replace(about, data={}, fits=fits))
    source, target = _source(finding.facts), about.target
    if target.table is not None:
        target = replace(target, table=withheld(target.table, names))
    curves = tuple(_curves(one, source, names) for one in finding.curves)
    records, patients = names.all_of(source, about.records), _numbered(about.patients)
    about = replace(about, target=target, data={}, fits=fits, records=records, patients=patients)
    return replace(finding, about=about, curves=curves)


def shareable_facts(facts: Mapping[str, Any], target: Target, names: Pseudonyms) -> dict[str, Any]:
    """Facts under pseudonyms; of one set of their ECGs at least may not leave this machine."""
    own = may_leave(facts)
    shown = dict(facts) if own else _facts(facts, names)
    shown["pseudonyms"] = True
    shown.pop("command", None)  # it has paths
    if external := facts.get("external"):
        shown["external"] = dict(external) if may_leave(external) else _facts(external, names)
    if "settings" in facts:
        shown["settings"] = plain_settings(facts["settings"], names)
    if not own and target.table is not None:
        said, table = str(facts.get("label_source", "")), withheld(target.table, names)
        shown["label_source"] = said.replace(Path(target.table).name, table)
    return shown


def _facts(facts: Mapping[str, Any], names: Pseudonyms) -> dict[str, Any]:
    kept = {key: facts[key] for key in NAMELESS if key in facts}
    left_out = {key: _plain(facts[key], _source(facts), names) for key in NAMED if key in facts}
    return kept | left_out


def _curves(curves: Curves, source: str, names: Pseudonyms) -> Curves:
    shown = names.all_of(source, curves.gallery.records)
    return replace(
        curves,
        records=names.all_of(source, curves.records),
        patients=_numbered(curves.patients),
        gallery=replace(curves.gallery, records=shown),
    )


def _numbered(patients: Sequence[str]) -> tuple[str, ...]:
    """Numbers in place of names; their order, which decides the draws of the bootstrap, stays."""
    number = {patient: f"{place:09d}" for place, patient in enumerate(sorted({*patients}))}
    return tuple(number[patient] for patient in patients)


def _plain(pairs: Iterable[Sequence[str]], source: str, names: Pseudonyms) -> list[tuple[str, str]]:
    return [(names.of(source, name, reason), plain_reason(reason, name)) for name, reason in pairs]


def _source(facts: Mapping[str, Any]) -> str:
    return str(facts.get("source", "unnamed"))
