"""A finding with what a reader needs to judge it: which networks, what they read, on what."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..datamodules import Target
from ..store import write_json
from .measures import Panel
from .measures.panel import PANEL
from .sanity import Finding
from .sanity.finding import FINDING
from .unanswered import UNANSWERED, Unanswered

ABOUT = "about.json"
# The file that each kind of finding writes last.
KINDS: Mapping[str, type[Finding] | type[Panel] | type[Unanswered]] = {
    FINDING: Finding,
    PANEL: Panel,
    UNANSWERED: Unanswered,
}


@dataclass(frozen=True, eq=False)
class Answer:
    """What an experiment found of one network or of several that differ in their seed alone.

    `networks` are their models.network_key, `ecgs` and `patients` what they were asked on;
    `facts` as those of a Result.
    """

    target: Target
    input: str
    networks: tuple[str, ...]
    ecgs: int
    patients: int
    finding: Finding | Panel | Unanswered
    facts: Mapping[str, Any] = field(default_factory=dict)

    def save(self, folder: Path) -> Path:
        """Write the finding and last about.json; the folder."""
        for name in (ABOUT, *KINDS):  # an answer of before may be of another kind
            (folder / name).unlink(missing_ok=True)
        self.finding.save(folder)
        write_json(
            folder / ABOUT,
            {
                "target": asdict(self.target),
                "input": self.input,
                "networks": list(self.networks),
                "ecgs": self.ecgs,
                "patients": self.patients,
                "facts": dict(self.facts),
            },
        )
        return folder

    @classmethod
    def load(cls, folder: Path) -> "Answer":
        """Read what save() wrote; ValueError when the folder holds no finished answer."""
        if not (folder / ABOUT).is_file():
            raise ValueError(f"expected a finished answer in {folder}, found no {ABOUT}")
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        networks = tuple(about.pop("networks"))
        target = Target.from_plain(about.pop("target"))
        return cls(target=target, networks=networks, finding=_finding(folder), **about)


def _finding(folder: Path) -> Finding | Panel | Unanswered:
    kind = next((kind for name, kind in KINDS.items() if (folder / name).is_file()), Finding)
    return kind.load(folder)
