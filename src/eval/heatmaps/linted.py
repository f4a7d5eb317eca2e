"""The linter's findings on a network and the first ECGs of a subject, kept in the store."""

import json
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from ...engine import sample_ids
from ...explain import lint, methods
from ...models import device_of, network_key
from ...store import Step
from ..subject import Subject
from .probe import CHUNK

LINTED = Step("linted", version=1)
FILE = "findings.json"


@dataclass(frozen=True)
class Linted:
    """Errors that forbid every explanation, and notes for the reader of the maps."""

    errors: tuple[str, ...]
    notes: tuple[str, ...]


def linted(net: nn.Module, subject: Subject) -> Linted:
    """Findings of explain.lint; those in the store are not made again. Errors as there."""
    x, others = subject.ecgs.x[:CHUNK], subject.background
    settings = {
        "network": network_key(net, subject.shape),
        "target": subject.output,
        "x": sample_ids(x),
        "background": () if others is None else sample_ids(others),
        "methods": methods(),  # a note names those that are wrong
    }

    def build(part: Path) -> None:
        found = lint(net, x.to(device_of(net)), subject.output, others)
        kept = {"errors": found.errors, "notes": found.notes}
        (part / FILE).write_text(json.dumps(kept), encoding="utf-8")

    folder = subject.store.folder(LINTED, settings, build)
    kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return Linted(tuple(kept["errors"]), tuple(kept["notes"]))
