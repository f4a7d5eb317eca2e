"""Random streams by purpose: one more draw in one of them changes no other."""

from hashlib import sha256

import numpy as np


def stream(*purpose: str | int) -> np.random.Generator:
    """Generator for a purpose, such as ("turns", seed, expert); identical on every machine."""
    words = "\x1f".join(map(str, purpose)).encode()
    return np.random.default_rng(int.from_bytes(sha256(words).digest()[:16], "big"))
