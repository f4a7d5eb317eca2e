"""Rules of the claims, read from rules.yaml: what is claimed, and what decides it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from ecglens.registry import unknown

Answer = Literal["holds", "does not hold", "not decidable here"]
HOLDS, FAILS, OPEN = "holds", "does not hold", "not decidable here"
FEWEST = 3  # networks; of two the interval says nothing
EVERY = "all"
CONTROLS: Mapping[str, Answer] = {"control_true": HOLDS, "control_false": FAILS}


@dataclass(frozen=True)
class Part:
    """An effect and the side of a limit on which it is claimed to be."""

    effect: str
    claimed: Literal["at least", "below"]
    limit: float
    decides: bool = True

    def answer(self, low: float, high: float, networks: int) -> Answer:
        """Answer from the 95 % interval of the effect over this number of networks."""
        if networks < FEWEST:
            return OPEN
        above, below = low >= self.limit, high < self.limit
        if self.claimed == "below":
            above, below = below, above
        return HOLDS if above else FAILS if below else OPEN


@dataclass(frozen=True)
class Claim:
    """A claim with its source, what of it was read, its experiment, parts, seed and sizes."""

    name: str
    label: str
    said_by: str
    read: str
    said: str
    experiment: str
    parts: Mapping[str, Part]
    seed: int
    networks: int
    ecgs: int

    @property
    def rule(self) -> str:
        """SHA-256 of everything that was written down before the experiment."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def answer(self, answers: Mapping[str, Answer]) -> Answer:
        """Answer of the claim from those of its parts."""
        deciding = [answers[name] for name, part in self.parts.items() if part.decides]
        if FAILS in deciding:
            return FAILS
        return OPEN if OPEN in deciding else HOLDS


@cache
def claims() -> Mapping[str, Claim]:
    """Every claim by its name, the controls first."""
    path = files("ecglens_benchmark") / "claims" / "rules.yaml"
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    for about in found.values():
        about["parts"] = {name: Part(**each) for name, each in about["parts"].items()}
    return {name: Claim(name, **about) for name, about in found.items()}


def chosen(name: str) -> Sequence[Claim]:
    """The claim of this name with both controls, or all; ValueError names the valid ones."""
    known = claims()
    if name == EVERY:
        return [*known.values()]
    if name not in known:
        raise ValueError(unknown("a claim", name, (EVERY, *known)))
    names = dict.fromkeys((*CONTROLS, name))
    return [known[each] for each in names]
