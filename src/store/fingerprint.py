"""The short name under which a result is kept: a hash of exactly the settings that change it."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

# 16 hexadecimal digits = 64 bits: two of a million results collide with probability 3e-8.
DIGITS = 16


def fingerprint(settings: Mapping[str, Any]) -> str:
    """Hash of plain settings (dict, list, str, number, bool, None), whatever their order.

    Raises TypeError when a value has no exact text, such as a tensor or an open file.
    """
    # Python writes the shortest decimal that reads back as the same float, so floats are exact.
    text = json.dumps(settings, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
