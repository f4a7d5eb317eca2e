"""The suite: version, parts, limits and sizes; results as JSON, sealed by a hash and read back."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ecglens.explain import Method, controls, find, methods
from ecglens.store import class_path, read_json

# Raised whenever a part, a limit or a size changes: results of two versions are never compared.
SUITE = 2


@dataclass(frozen=True)
class Part:
    """A question of the suite; `limit` says when it is passed, empty where it is described only."""

    name: str
    label: str
    question: str
    limit: str = ""


PARTS = (
    Part(
        "contributions",
        "Exact contributions",
        "Does the map equal contributions that are known by a formula?",
        "above every control on all seven networks set by hand",
    ),
    Part(
        "pairs",
        "Counterfactual pairs",
        "Does the map say how the output moves when one label of an exact ECG is changed?",
        "above every control by the predicted change",
    ),
    Part(
        "shortcuts",
        "Planted shortcuts",
        "Does the map tell networks that cheat from their clean twins?",
        "an AUROC of at least 0.9 for at least 4 of 6 kinds of shortcut",
    ),
    Part(
        "ladder",
        "Null ladder",
        "Does the map move the output more than maps that know less?",
        "above every control and the target prior, by both protocols, on every target",
    ),
    Part(
        "weights",
        "Weights redrawn",
        "Does the map score higher than maps of networks with redrawn weights?",
        "maps of redrawn networks bring significantly less than 70 % of its score",
    ),
    Part(
        "labels",
        "Labels permuted",
        "Does the map score higher than that of a network that learned permuted labels?",
        "that map brings significantly less than 70 % of its score",
    ),
    Part(
        "axioms",
        "Removal",
        "Does the map say what removing 100 ms of a lead does?",
        "less infidelity than every control",
    ),
    Part("consistency", "Retrained networks", "Do the maps of retrained networks agree?"),
    Part(
        "localisation",
        "Localisation",
        "Does the map lie where a cardiologist decides? Plausibility, not faithfulness.",
    ),
    Part(
        "real", "Published networks", "Which level of the null ladder is reached on recorded ECGs?"
    ),
)


@dataclass(frozen=True)
class Tier:
    """Sizes of a run: ECGs, networks and redraws. Weights and pairs are of the first target."""

    name: str
    targets: tuple[str, ...]
    n: int  # exact ECGs, 60 % for training
    epochs: int
    ecgs: int  # explained test ECGs
    set_ecgs: int  # ECGs of each network set by hand
    pairs: int  # of cheating and clean networks, for each kind of shortcut
    audited: int  # ECGs of each of them
    seeds: int  # networks of the first target that differ in their seed
    stages: int  # of redrawn weights
    copies: int
    workers: int = 0  # processes; 0: one for each core

    @property
    def sizes(self) -> dict[str, Any]:
        """Settings that decide the numbers, as plain data."""
        return json.loads(json.dumps({**asdict(self), "workers": 0}))


TIERS: Mapping[str, Tier] = {
    each.name: each
    for each in (
        # R² of 0.98 for PR; three pairs of each kind are the fewest that the rule judges.
        Tier("quick", ("pr", "t"), 1000, 8, 32, 16, 3, 32, 2, 2, 10),
        # As the evaluations themselves have it (configs/evaluation, benchmarks/shortcuts.py).
        Tier("full", ("pr", "qrs", "qt", "r", "j", "t"), 2000, 8, 64, 32, 6, 32, 5, 6, 10),
    )
}


HASH, NUMBERS = "hash", "numbers"
COST = "cost"  # differs from run to run
FIELDS = ("suite", "tier", "method", "networks", "outcomes", "scores", "checks", COST)


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with the hash of its numbers, costs apart, and the hash of all of it."""
    plain = json.loads(json.dumps(content))
    compared = {name: plain[name] for name in ("suite", "tier", "outcomes", "scores", "checks")}
    return seal(plain, compared)


def seal(plain: Mapping[str, Any], compared: Mapping[str, Any]) -> dict[str, Any]:
    """Plain content with the hash of what is compared of it, and the hash of all of it."""
    numbered = {**plain, NUMBERS: _hash(compared)}
    return numbered | {HASH: _hash(numbered)}


def check_seal(found: Mapping[str, Any], path: object, what: str) -> None:
    """Raise ValueError for content that was changed since it was sealed."""
    content = {name: value for name, value in found.items() if name != HASH}
    if _hash(content) != found[HASH]:
        raise ValueError(
            f"expected a {what} as it was written, got {path}, whose content does not match its "
            "hash: it was changed; ask its author for the original file"
        )


def read_result(path: Path) -> dict[str, Any]:
    """A result of this version of the suite, unchanged since it was written.

    Raises ValueError for a file that is none, another version, and one that was changed.
    """
    try:
        result = read_json(path)
    except ValueError:
        result = None
    if not isinstance(result, dict) or any(name not in result for name in (*FIELDS, HASH)):
        raise ValueError(
            f"expected a result of `ecglens benchmark` (card.json), got {path}; it is none"
        )
    if result["suite"] != SUITE or result["tier"] not in TIERS:
        raise ValueError(
            f"expected results of suite {SUITE}, got suite {result['suite']}, tier "
            f"{result['tier']} in {path}; run `ecglens benchmark` again with this version"
        )
    check_seal(result, path, "result")
    return result


def _hash(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def refuse_control(name: str) -> None:
    """Raise ValueError for the name of a control."""
    if name in controls():
        raise ValueError(
            f"expected a method, got {name}, a control that every method is compared with; give "
            f"one of {', '.join(methods())}, package:Class, a yaml file or a file.py:Class"
        )


def built_in(about: Mapping[str, Any]) -> bool:
    """True if the `method` of a result is the built-in one of its name.

    Class, version and settings are compared; code is not, since nobody else's is of that class.
    """
    if about["name"] not in methods():
        return False
    own = json.loads(json.dumps(identity(find(about["name"]))))
    return all(about[key] == value for key, value in own.items())


def identity(method: Method) -> dict[str, Any]:
    """Class, version and settings of a method."""
    kind, settings = type(method), asdict(method)  # pyright: ignore[reportArgumentType]
    return {"class": class_path(kind), "version": kind.version, "settings": settings}
