"""The store of finished results: fingerprints, atomic writes, locks, and settings with types."""

from .atomic import atomic_path, write_json, write_text
from .classes import class_at, class_path
from .csv_cells import as_was, csv_text, inert
from .entries import FINISHED, Entry, entries
from .fingerprint import fingerprint
from .folder import Step, Store, begin_job, made_at, used
from .foreign import check_unpacked, parsed_json, printable, read_json, read_text
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
    "as_was",
    "atomic_path",
    "begin_job",
    "check_types",
    "check_unpacked",
    "class_at",
    "class_path",
    "csv_text",
    "entries",
    "fingerprint",
    "inert",
    "keep_private",
    "made_at",
    "parsed_json",
    "printable",
    "read_json",
    "read_text",
    "secret",
    "used",
    "walked",
    "write_json",
    "write_text",
]
