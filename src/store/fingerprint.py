"""Fingerprint of a result: a hash of exactly the settings that change it."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

# 16 hexadecimal digits = 64 bits: two of a million results collide with probability 3e-8.
DIGITS = 16


def fingerprint(settings: Mapping[str, Any]) -> str:
    """Hash of plain settings (dict, list, str, number, bool, None), independent of key order.

    Raises TypeError for a value without an exact text, such as a tensor or an open file.
    """
    # Python writes the shortest decimal that is read back as the same float: floats are exact.
    text = json.dumps(settings, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
