"""The store of finished results: fingerprints, atomic writes, locks, and settings with types."""

from .atomic import atomic_path, changed, checksums, keep_private, sha256_of, write_json, write_text
from .folder import FINISHED, Entry, Step, Store, begin_job, entries, made_at, secret, used
from .foreign import (
    as_was,
    check_unpacked,
    csv_text,
    inert,
    parsed_json,
    printable,
    read_json,
    read_text,
    say_once,
    walked,
)
from .own_code import code_of, is_own, own_source
from .settings import WHOLE, Shard, check_types, class_at, class_path, fingerprint, flat, quoted

__all__ = [
    "FINISHED",
    "WHOLE",
    "Entry",
    "Shard",
    "Step",
    "Store",
    "as_was",
    "atomic_path",
    "begin_job",
    "changed",
    "check_types",
    "check_unpacked",
    "checksums",
    "class_at",
    "class_path",
    "code_of",
    "csv_text",
    "entries",
    "fingerprint",
    "flat",
    "inert",
    "is_own",
    "keep_private",
    "made_at",
    "own_source",
    "parsed_json",
    "printable",
    "quoted",
    "read_json",
    "read_text",
    "say_once",
    "secret",
    "sha256_of",
    "used",
    "walked",
    "write_json",
    "write_text",
]
