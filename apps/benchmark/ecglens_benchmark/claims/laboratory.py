"""Claims put to the test: numbers of each network, kept as they come, and what they decide."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from ecglens.engine import one_thread
from ecglens.store import Step, Store, csv_text
from jaxtyping import Float

from ..parts import mean_of
from .rules import CONTROLS, FEWEST, Answer, Claim, Part, chosen

# Raised when an experiment computes other numbers by the same rule.
CLAIMS = Step("claims", version=2)
DIGITS = 6  # of a number that is kept and hashed


@dataclass(frozen=True)
class Found:
    """Effect of a part with its 95 % interval, the networks with their numbers, and the answer."""

    part: Part
    values: Mapping[int, float]
    effect: float
    low: float
    high: float
    answer: Answer


@dataclass(frozen=True)
class Decision:
    """What came out of a claim."""

    claim: Claim
    parts: Mapping[str, Found]

    @property
    def answer(self) -> Answer:
        """Holds, does not hold, or not decidable here."""
        return self.claim.answer({name: each.answer for name, each in self.parts.items()})

    @property
    def wrong(self) -> bool:
        """True for a control whose answer is not the one that is known."""
        return CONTROLS.get(self.claim.name, self.answer) != self.answer


def claim(
    name: str, store: str | Path = "store", say: Callable[[str], object] = print
) -> list[Decision]:
    """Decisions on a claim by name, or on all, behind both controls.

    What was computed is kept in `store`. Raises ValueError for a name that is not known, which
    lists the valid ones.
    """
    wanted, kept_in = chosen(name), Store.at(store)
    return [decided(each, kept(each, kept_in, say)) for each in wanted]


def kept(claim: Claim, store: Store, say: Callable[[str], object] = print) -> pd.DataFrame:
    """Number of each network and part, from the store where it is there."""
    tables = []
    for number in range(claim.networks):
        say(f"{claim.name}: network {number + 1} of {claim.networks}")
        tables.append(_of_network(claim, number, store))
    return pd.concat(tables, ignore_index=True)


def _of_network(claim: Claim, number: int, store: Store) -> pd.DataFrame:
    from .maps import EXPERIMENTS  # trains and explains networks

    def build(folder: Path) -> None:
        with one_thread():
            rows = [*EXPERIMENTS[claim.name](claim, number, store)]
        parts: dict[str, list[float]] = {}
        for part, value in rows:
            parts.setdefault(part, []).append(value)
        values = [round(mean_of(np.array(each)), DIGITS) for each in parts.values()]
        table = pd.DataFrame({"network": number, "part": [*parts], "value": values})
        table.to_csv(folder / "values.csv", index=False)

    about = {"claim": claim.name, "rule": claim.rule, "network": number}
    # A file without rows, of a network that did not read its label, has no types of its own.
    table = pd.read_csv(store.folder(CLAIMS, about, build) / "values.csv")
    return table.astype({"network": int, "part": str, "value": float})


def decided(claim: Claim, values: pd.DataFrame) -> Decision:
    """Decision from the numbers of the networks, by the rule."""
    found = {}
    for name, part in claim.parts.items():
        own = values.loc[(values["part"] == name) & np.isfinite(values["value"])]
        numbers = dict(zip(own["network"], own["value"], strict=True))
        effect = low = high = float("nan")
        if len(numbers) >= FEWEST:
            effect = sum(numbers.values()) / len(numbers)
            low, high = _student(np.array([*numbers.values()]))
        answer = part.answer(low, high, len(numbers))
        found[name] = Found(part, numbers, effect, low, high, answer)
    return Decision(claim, found)


def _student(values: Float[np.ndarray, " network"]) -> tuple[float, float]:
    """Ends of Student's 95 % interval of the mean; a bootstrap of few networks is too narrow."""
    from scipy.stats import t

    half = t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean() - half), float(values.mean() + half)


def table_of(decisions: Sequence[Decision]) -> pd.DataFrame:
    """A row for each part of each claim."""
    rows = [
        {
            "claim": each.claim.name,
            "answer": each.answer,
            "part": name,
            "decides": found.part.decides,
            "claimed": found.part.claimed,
            "limit": found.part.limit,
            "effect": found.effect,
            "low": found.low,
            "high": found.high,
            "networks": len(found.values),
            "part_answer": found.answer,
            "rule": each.claim.rule[:12],
        }
        for each in decisions
        for name, found in each.parts.items()
    ]
    return pd.DataFrame(rows).round(DIGITS)


def values_of(decisions: Sequence[Decision]) -> pd.DataFrame:
    """A row for each network of each part of each claim."""
    rows = [
        (each.claim.name, name, number, value)
        for each in decisions
        for name, found in each.parts.items()
        for number, value in found.values.items()
    ]
    return pd.DataFrame(rows, columns=pd.Index(["claim", "part", "network", "value"]))


def digest(table: pd.DataFrame) -> str:
    """SHA-256 of a table as it is written."""
    return hashlib.sha256(csv_text(table).encode()).hexdigest()
