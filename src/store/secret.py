"""A random key, drawn once per store, that only its owner may read."""

import secrets
from pathlib import Path

from .atomic import atomic_path
from .folder import locked

KEY = "pseudonyms.key"
BYTES = 32  # as long as the digest of SHA-256: a longer key makes no guess harder (RFC 2104)


def secret(root: Path) -> bytes:
    """The key of the store in `root`, made when it is not there yet.

    Raises ValueError when it may not be read or is no key.
    """
    path = root / KEY
    if not path.exists():
        with locked(path.with_suffix(".lock")):
            if not path.exists():  # another process drew it while this one waited
                with atomic_path(path, mode=0o600) as temporary:
                    temporary.write_bytes(secrets.token_bytes(BYTES))
    try:
        key = path.read_bytes()
    except OSError as problem:
        raise ValueError(
            f"expected a key of pseudonyms in {path}, got {problem.strerror}; use a store of your "
            "own (store=… or ECGLENS_STORE)"
        ) from None
    if len(key) != BYTES:
        raise ValueError(
            f"expected {BYTES} bytes in {path}, got {len(key)}; without that file another key is "
            "drawn, and all pseudonyms change"
        )
    return key
