"""Sentences and rows of a card and a leaderboard, and names that tell results apart."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ecglens.report import SIGNS, reads_as, style

from .honesty import CHECKS
from .standings import LIMITS, order, same_networks
from .suite import PARTS, built_in

Result = Mapping[str, Any]
MARKS = {
    "passes": "met",
    "fails": "not met",
    "cannot be said": "open",
    "not tried": "not tried",
    "described": "–",
}
# The signs of the report, each with one meaning.
MARK_SIGNS = {
    "met": SIGNS["use"],
    "open": SIGNS["not shown"],
    "not met": SIGNS["do not use"],
    "not tried": "–",
}
# The number that a limit is about, in the sentence of its part.
NUMBERS = {
    "contributions": r"\d+ of \d+(?= networks)",
    "pairs": r"(?<=cosine )-?\d+\.\d+",
    "shortcuts": r"\d+ of \d+(?= kinds)",
    "ladder": r"(?<=level \(of 3\): ).+",
    "weights": r"(?<=score kept )-?\d+%",
    "labels": r"(?<=score kept )-?\d+%",
    "axioms": r"(?<=infidelity )\d+\.\d+",
}
UNDECIDED = (
    "“Open” is a limit that could not be decided. “Open” and “not tried” count as not met: a place "
    "says what was shown, and methods below may be as good."
)
# Why the ρ of the scores is not what the limits say.
KEPT = (
    "Weights redrawn and labels permuted are judged by the score that maps of such networks keep; "
    "the ρ in the scores describes."
)
# What the table of limits shows.
SIGNED = (
    f"{', '.join(f'{sign} {mark}' for mark, sign in MARK_SIGNS.items())}. Beside each "
    "the number that the limit is about; intervals and controls decide, so that equal numbers may "
    "have different signs. Numbers: networks on which the map beats every control, of those that "
    "the method accepts (● takes all seven); cosine with the predicted change; kinds of shortcut "
    "found; level by target; share of the score that maps of redrawn and of permuted networks "
    "keep, which the ρ below does not say; infidelity. The cost is the CPU time of a map in "
    "gradients of the same ECGs."
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
    mine = next(each for each in order(results) if each.method == result["method"]["name"])
    others = len(results) - 1
    limits = f"{label_of(result)} meets {mine.met} of {len(LIMITS)} limits"
    if mine.first is None:
        return f"{limits}, and has no place among the methods: see below."
    if not others:
        return f"{limits}. There are no built-in rows of this tier to compare with."
    tied = "" if mine.first == mine.last else " (tied)"
    return f"{limits}: place {mine.words}{tied} of {others + 1} methods."


def _declared(result: Result) -> list[tuple[str, str]]:
    """What a method declares that it reads beside network and ECG, and what follows."""
    facts = result["method"]["facts"]
    return [(words, so) for fact, words, so in DECLARED if facts.get(fact)]


def untried(results: Sequence[Result]) -> list[str]:
    """A sentence for all checks that the same cards are older than."""
    older: dict[str, list[str]] = {}
    for check in CHECKS:
        without = [
            label_of(each)
            for each in results
            if all(one["name"] != check for one in each["checks"])
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
    found = [each["said"] for each in result["checks"] if each["said"]]
    return [*found, *declared, *strange]


def part_rows(result: Result) -> list[dict[str, Any]]:
    """A row for each part: question, limit, whether it is met, what came out."""
    outcomes = {each["part"]: each for each in result["outcomes"]}
    return [
        {
            "label": part.label,
            "question": part.question,
            "limit": f"Limit: {part.limit}." if part.limit else "Described, no limit.",
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
        outcomes = {one["part"]: one for one in result["outcomes"]}
        rows.append(
            {
                "method": each.method,
                "label": label_of(result),
                "reads": ", ".join(words for words, _ in _declared(result)),
                "place": each.words,
                "met": each.met,
                "marks": [_mark(name, outcomes.get(name)) for name in LIMITS],
                "passes": result["cost"]["passes"],
                "of_gradients": result["cost"]["of_gradients"],
            }
        )
    return rows


def _mark(part: str, outcome: Mapping[str, Any] | None) -> dict[str, str]:
    """Word and sign of a limit, and the number that it is about, if there is one."""
    mark = MARKS[outcome["verdict"] if outcome else "not tried"]
    found = re.search(NUMBERS[part], outcome["said"]) if outcome else None
    number = found[0].replace("-", "−").replace("%", " %") if found else ""
    return {"word": mark, "sign": MARK_SIGNS[mark], "number": number}


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
        borrowed = reads_as(about["name"]) and not built_in(about)
        if counts[about["name"]] > 1 or borrowed:
            old, new = about["name"], f"{about['name']} ({each['hash'][:SHORT]})"
            scores = []
            for score in each["scores"]:
                rows = {new if key == old else key: row for key, row in score["rows"].items()}
                scores.append({**score, "rows": rows})
            found.append({**each, "method": {**about, "name": new}, "scores": scores})
        else:
            found.append(each)
    return found
