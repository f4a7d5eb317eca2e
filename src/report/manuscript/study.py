"""What one text is about: results and answers of the same networks on the same data."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from ...datamodules import Target, all_may_leave
from ...eval import Answer, Result
from ..pseudonyms import Pseudonyms
from ..shareable import shareable_facts

NETWORK = ("model", "fit", "network", "input")


@dataclass(frozen=True)
class Study:
    """`facts` may be shown: those of the first result, else of the first answer."""

    target: Target
    input: str
    facts: Mapping[str, Any]
    results: tuple[Result, ...]
    answers: tuple[Answer, ...]

    @property
    def settings(self) -> Mapping[str, Any]:
        """Those of the run; empty where they are not known."""
        return self.facts.get("settings", {})

    @cached_property
    def networks(self) -> int:
        """How many were looked at."""
        keys = {each.network for each in self.results}
        return len(keys.union(*(each.networks for each in self.answers)))

    @property
    def seeds(self) -> list[int]:
        """Of the networks, as far as they are known."""
        settings = [each.facts.get("settings", {}) for each in self.results] or [self.settings]
        found = [seed for each in settings for seed in each.get("seeds", [each.get("seed")])]
        return sorted({seed for seed in found if seed is not None})

    @property
    def first_of_each_network(self) -> list[Result]:
        """A result of each network."""
        return list({each.network: each for each in reversed(self.results)}.values())[::-1]

    @property
    def first_of_each_protocol(self) -> list[Result]:
        """A result by each protocol."""
        return list({each.scores.protocol: each for each in reversed(self.results)}.values())[::-1]


def studies(results: Sequence[Result], answers: Sequence[Answer], names: Pseudonyms) -> list[Study]:
    """Results (that may be shown) and answers by target, input, network and data."""
    groups: dict[str, tuple[Mapping[str, Any], list[Result], list[Answer]]] = {}
    for result in results:
        groups.setdefault(_key(result, result.facts), (result.facts, [], []))[1].append(result)
    for answer in answers:
        facts = answer.facts
        if not all_may_leave(facts):
            facts = shareable_facts(facts, answer.target, names)
        groups.setdefault(_key(answer, facts), (facts, [], []))[2].append(answer)
    return [
        Study((own or asked)[0].target, (own or asked)[0].input, facts, tuple(own), tuple(asked))
        for facts, own, asked in groups.values()
    ]


def _key(of: Result | Answer, facts: Mapping[str, Any]) -> str:
    """What they have in common; a table's name is none of it, since it may be a pseudonym."""
    target = {key: value for key, value in asdict(of.target).items() if key != "table"}
    network = {key: facts.get("settings", {}).get(key) for key in NETWORK}
    data = [facts.get(key) for key in ("source", "ecgs", "train", "test")]
    return json.dumps([target, of.input, network, data], sort_keys=True, default=str)
