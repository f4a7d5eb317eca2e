"""Fingerprints, atomic writes, locks and typed settings; knows nothing else."""

from .atomic import atomic_path, write_json, write_text
from .fingerprint import fingerprint
from .folder import Step, Store
from .secret import secret
from .settings import check_types

__all__ = [
    "Step",
    "Store",
    "atomic_path",
    "check_types",
    "fingerprint",
    "secret",
    "write_json",
    "write_text",
]
