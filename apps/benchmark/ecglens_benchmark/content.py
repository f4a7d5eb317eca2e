"""Sentences and rows of a card and a leaderboard, and names that tell results apart."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ecglens.report import reads_as, style

from .honesty import CHECKS
from .standings import LIMITS, Standing, order, same_networks
from .suite import PARTS, built_in

Result = Mapping[str, Any]
MARKS = {
    "passes": "met",
    "fails": "not met",
    "cannot be said": "open",
    "not tried": "not tried",
    "described": "–",
}
UNDECIDED = (
    "“Open” is a limit that could not be decided. “Open” and “not tried” count as not met: a place "
    "says what was shown, and methods below may be as good."
)
# Why the ρ of the scores is not that of the limits.
KEPT = (
    "Weights redrawn and labels permuted are judged by the ρ kept beyond what |x| explains; the ρ "
    "in the scores is that of the whole map."
)
LEVELS = (
    "Levels of the null ladder: 1 above the controls, 2 also above the target prior, 3 also above "
    "maps of other patients. “pr”, “t” and so on are targets."
)
OTHER_NETWORKS = (
    "The networks of this run are not those of the built-in rows (they were fitted on another "
    "machine or with other versions): places by score may differ for that reason alone."
)
# What a method may declare that it reads beside network and ECG: fact, words, what follows.
DECLARED = (
    (
        "uses_segments",
        "reads wave marks",
        "and they hold PR, QRS and QT: the check “marks” was left out",
    ),
    ("needs_background", "reads other ECGs", "so that the check “background” was left out"),
)
# The score of each part that a row and the figure show; the first of its part otherwise.
HEADLINE = {
    "contributions": "contributions/window/cosine",
    "pairs": "pairs/cosine",
    "shortcuts": "shortcuts/auroc",
    "weights": "weights/rho",
    "axioms": "axioms/infidelity",
    "consistency": "consistency/rho",
}


def label_of(result: Result) -> str:
    """Printed name of a method."""
    return style(result["method"]["name"]).label


def answer(result: Result, results: Sequence[Result]) -> str:
    """The answer of a card in a sentence."""
    mine = standing(result, results)
    others = len(results) - 1
    limits = f"{label_of(result)} meets {mine.met} of {len(LIMITS)} limits"
    if mine.first is None:
        return f"{limits}, and has no place among the methods: see below."
    if not others:
        return f"{limits}. There are no built-in rows of this tier to compare with."
    tied = "" if mine.first == mine.last else " (tied)"
    return f"{limits}: place {mine.words}{tied} of {others + 1} methods."


def standing(result: Result, results: Sequence[Result]) -> Standing:
    """Place of a result among all."""
    name = result["method"]["name"]
    return next(each for each in order(results) if each.method == name)


def reads(result: Result) -> str:
    """Inputs that a method declares beside network and ECG, such as "reads wave marks"."""
    return ", ".join(words for words, _ in _declared(result))


def _declared(result: Result) -> list[tuple[str, str]]:
    facts = result["method"]["facts"]
    return [(words, so) for fact, words, so in DECLARED if facts.get(fact)]


def findings(result: Result) -> list[str]:
    """Sentences of the checks that found something."""
    return [each["said"] for each in result["checks"] if each["said"]]


def untried(results: Sequence[Result]) -> list[str]:
    """A sentence for all checks that the same cards are older than."""
    older: dict[str, list[str]] = {}
    for check in CHECKS:
        without = [
            label_of(each)
            for each in results
            if check not in {one["name"] for one in each["checks"]}
        ]
        if without:
            older.setdefault(", ".join(without), []).append(f"“{check}”")
    return [
        f"Not tried, as the check is newer than the card: {', '.join(checks)}. Cards: {cards}."
        for cards, checks in older.items()
    ]


def over_words(score: Mapping[str, Any]) -> str:
    """Sample that the intervals of a score are over, such as "32 ECGs"."""
    return f"{max(map(len, score['rows'].values()))} {score['over']}"


def warnings(result: Result, others: Sequence[Result]) -> list[str]:
    """Findings of checks, what the method reads, and what limits the comparison with the others."""
    declared = [f"The method {words}, as it declares, {so}." for words, so in _declared(result)]
    strange = [] if not others or same_networks(result, others[0]) else [OTHER_NETWORKS]
    return [*findings(result), *declared, *strange]


def part_rows(result: Result) -> list[dict[str, Any]]:
    """A row for each part: question, limit, whether it is met, what came out."""
    outcomes = {each["part"]: each for each in result["outcomes"]}
    return [
        {
            "label": part.label,
            "question": part.question,
            "limit": f"Limit: {part.limit}." if part.limit else "Described, no limit.",
            "verdict": outcomes[part.name]["verdict"],
            "mark": MARKS[outcomes[part.name]["verdict"]],
            "said": outcomes[part.name]["said"].replace(" -", " −"),
        }
        for part in PARTS
        if part.name in outcomes
    ]


def table_rows(results: Sequence[Result]) -> list[dict[str, Any]]:
    """A row for each result in order: place, limits met, the mark of each part, cost."""
    by_name = {each["method"]["name"]: each for each in results}
    rows = []
    for each in order(results):
        result = by_name[each.method]
        verdicts = {one["part"]: one["verdict"] for one in result["outcomes"]}
        rows.append(
            {
                "method": each.method,
                "label": label_of(result),
                "reads": reads(result),
                "place": each.words,
                "met": each.met,
                "marks": [MARKS[verdicts.get(name, "not tried")] for name in LIMITS],
                "passes": result["cost"]["passes"],
                "of_gradients": result["cost"]["of_gradients"],
            }
        )
    return rows


def order_lines(results: Sequence[Result]) -> list[str]:
    """A line for each shared place: limits met and the methods there."""
    shared: dict[tuple[str, int], list[str]] = {}
    for row in table_rows(results):
        shared.setdefault((row["place"], row["met"]), []).append(row["label"])
    return [
        f"{place} ({met} of {len(LIMITS)} limits): {', '.join(names)}"
        for (place, met), names in shared.items()
    ]


def cost_words(result: Result) -> str:
    """The cost of a map."""
    cost = result["cost"]
    memory = cost["memory_mb"]
    grown = f"; {memory:g} MB more memory for 8 maps" if memory is not None else ""
    return (
        f"{cost['passes']} passes of the network for a map (one of them checks its output); the "
        f"CPU time of {cost['of_passes']:g} outputs or {cost['of_gradients']:g} gradients of the "
        f"same ECGs{grown}"
    )


def source_lines(result: Result) -> list[str]:
    """Citations of the published networks that were run, with the licences."""
    return [f"Published network {each}." for each in result.get("sources", ())]


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
