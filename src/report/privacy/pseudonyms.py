"""Pseudonyms of ECGs and paths: stable under one key, and not to be computed without it."""

import hmac
import secrets
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from ...store import Store, csv_text, secret, write_text

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
