"""Fingerprints, atomic writes, locks and typed settings; knows nothing else."""

from .atomic import atomic_path, write_json, write_text
from .fingerprint import fingerprint
from .folder import Step, Store
from .settings import check_types

__all__ = ["Step", "Store", "atomic_path", "check_types", "fingerprint", "write_json", "write_text"]
