"""Random key of a store, drawn once; only its owner may read it."""

import secrets
from pathlib import Path

from .atomic import atomic_path
from .folder import locked

KEY = "pseudonyms.key"
BYTES = 32  # length of a SHA-256 digest; a longer key is not harder to guess (RFC 2104)


def secret(root: Path) -> bytes:
    """Key of the store in `root`, drawn if there is none yet.

    Raises ValueError for a file that cannot be read or has another length.
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
