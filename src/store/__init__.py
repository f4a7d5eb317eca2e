"""The store of finished results: fingerprints, atomic writes, locks, and settings with types."""

from .atomic import atomic_path, write_json, write_text
from .classes import class_at, class_path
from .entries import FINISHED, Entry, entries
from .fingerprint import fingerprint
from .folder import Step, Store, begin_job, made_at, used
from .private import keep_private
from .secret import secret
from .settings import check_types
from .shard import WHOLE, Shard
from .walked import walked

__all__ = [
    "FINISHED",
    "WHOLE",
    "Entry",
    "Shard",
    "Step",
    "Store",
    "atomic_path",
    "begin_job",
    "check_types",
    "class_at",
    "class_path",
    "entries",
    "fingerprint",
    "keep_private",
    "made_at",
    "secret",
    "used",
    "walked",
    "write_json",
    "write_text",
]
