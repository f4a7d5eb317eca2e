"""The store of finished results: fingerprints, atomic writes, locks, and settings with types."""

from typing import TYPE_CHECKING

from ..extras import lazy

if TYPE_CHECKING:
    from .atomic import (
        WRITTEN,
        atomic_path,
        changed,
        checksums,
        in_place_of,
        keep_private,
        sha256_of,
        write_json,
        write_text,
    )
    from .folder import FINISHED, Entry, Step, Store, begin_job, entries, made_at, secret, used
    from .foreign import (
        as_was,
        check_unpacked,
        csv_text,
        files_listed,
        inert,
        parsed_json,
        printable,
        read_json,
        read_text,
        say_once,
        walked,
    )
    from .own_code import OURS, code_of, is_own, own_source
    from .settings import (
        DIGITS,
        WHOLE,
        Shard,
        check_types,
        class_at,
        class_path,
        fingerprint,
        flat,
        made_by,
        quoted,
        unset,
    )

__getattr__, __dir__, __all__ = lazy(__name__)
