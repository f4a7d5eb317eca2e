"""What `benchmarks.stability` has kept, as the tables of docs/stability.md.

python -m benchmarks.stability_tables [STORE] reads what is there so far, fits and scores nothing,
and applies the rule written in `benchmarks.stability`.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from ecglens.eval.statistics.crossed import Components

from .stability import ROOT
from .stability_pairs import RULES, Pair, pairs, sources

LEAST_TAU, MOST_CHANGES = 0.9, 0.05
DECIDING = ("noise seed", "labels", "batch")
FACTORS = (*DECIDING, "other ECGs", "network")
TITLES = (
    "Protocol", "Target", "Change", "Pairs", "τ mean", "τ lowest", "Another winner",
    "Contradictions", "AUC moved",
)  # fmt: skip


def report(root: Path) -> Iterator[str]:
    """The tables and what the rule says."""
    found = pairs(root)
    targets = list(dict.fromkeys(target for _, target, _ in found))
    yield from table(TITLES, [row(key, found[key]) for key in ordered(found)])
    yield ""
    shares = [[rules, target, *split(root, rules, target)] for rules in RULES for target in targets]
    yield from table(("Protocol", "Target", *Components._fields), shares)
    yield ""
    yield from decided(found)


def ordered(found: Mapping[tuple[str, str, str], object]) -> list[tuple[str, str, str]]:
    """By rules, target and change."""
    places = list(RULES)
    return sorted(found, key=lambda key: (places.index(key[0]), key[1], FACTORS.index(key[2])))


def row(key: tuple[str, str, str], each: Sequence[Pair]) -> list[str]:
    """One change of one score and target."""
    taus = [pair.tau for pair in each]
    return [
        *key,
        str(len(each)),
        f"{np.mean(taus):.2f}",
        f"{min(taus):.2f}",
        f"{np.mean([not pair.same_winner for pair in each]):.0%}",
        f"{np.mean([pair.contradiction for pair in each]):.0%}",
        f"{np.mean([pair.moved for pair in each]):.1%}",
    ]


def split(root: Path, rules: str, target: str) -> list[str]:
    """The shares of the sources; estimates below 0 count as 0."""
    found = np.maximum(np.nan_to_num(np.array(sources(root, rules, target))), 0)
    return [f"{share:.0%}" for share in found / found.sum()]


def stable(each: Sequence[Pair]) -> bool:
    """Whether the change between these pairs leaves the score stable."""
    changes = np.mean([not pair.same_winner for pair in each])
    return bool(np.mean([pair.tau for pair in each]) >= LEAST_TAU and changes <= MOST_CHANGES)


def decided(found: Mapping[tuple[str, str, str], Sequence[Pair]]) -> Iterator[str]:
    """What the rule says of each score, and of the default."""
    passed, worst = {}, {}
    for rules in RULES:
        mine = {key: each for key, each in found.items() if key[0] == rules}
        passed[rules] = all(stable(each) for key, each in mine.items() if key[2] in DECIDING)
        noise = [each for key, each in mine.items() if key[2] == "noise seed"]
        worst[rules] = min(float(np.mean([pair.tau for pair in each])) for each in noise)
        yield (
            f"{rules}: {'stable' if passed[rules] else 'not stable'}; "
            f"mean τ between noise seeds {worst[rules]:.2f} on its worse target"
        )
    yield f"default by the rule: {max(RULES, key=lambda rules: (passed[rules], worst[rules]))}"


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table in Markdown."""
    yield f"| {' | '.join(titles)} |"
    yield f"|{'---|' * len(titles)}"
    for cells in rows:
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print("\n".join(report(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT).resolve())))
