"""Results of the suite as JSON: sealed by a hash over their content, and read back."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .suite import SUITE, TIERS

HASH, NUMBERS = "hash", "numbers"
COST = "cost"  # differs from run to run
FIELDS = ("suite", "tier", "method", "networks", "outcomes", "scores", "checks", COST)


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with the hash of its numbers, costs apart, and the hash of all of it."""
    plain = json.loads(json.dumps(content))
    compared = {name: plain[name] for name in ("suite", "tier", "outcomes", "scores", "checks")}
    numbered = plain | {NUMBERS: _hash(compared)}
    return numbered | {HASH: _hash(numbered)}


def read_result(path: Path) -> dict[str, Any]:
    """A result of this version of the suite, unchanged since it was written.

    Raises ValueError for a file that is none, another version, and one that was changed.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError):
        found = None
    if not isinstance(found, dict) or any(name not in found for name in (*FIELDS, HASH)):
        raise ValueError(
            f"expected a result of `ecglens benchmark` (card.json), got {path}; it is none"
        )
    if found["suite"] != SUITE or found["tier"] not in TIERS:
        raise ValueError(
            f"expected results of suite {SUITE}, got suite {found['suite']}, tier "
            f"{found['tier']} in {path}; run `ecglens benchmark` again with this version"
        )
    content = {name: value for name, value in found.items() if name != HASH}
    if _hash(content) != found[HASH]:
        raise ValueError(
            f"expected a result as it was written, got {path}, whose content does not match its "
            "hash: it was changed; ask its author for the original file"
        )
    return found


def _hash(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
